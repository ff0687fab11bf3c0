import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, inject, it } from 'vitest';

import { type Lease, type Settlement, type Store, type StoreEvent, silentLogger } from '@imgferry/core';
import { checkInvariants, RedisStore } from '@imgferry/redis-store';

const ROUNDS = 150;
const TOTAL = 8;
const HOST = 'host';

it('of a cancel and the settles that race it each upload keeps one outcome, and one of them ends the job', async ({
  onTestFinished,
}) => {
  const options = {
    url: inject('redisUrl'),
    namespace: `test-${randomUUID()}`,
    timeoutMs: 20_000,
    logger: silentLogger,
  };
  const [api, ...workers] = Array.from({ length: 3 }, () => new RedisStore(options)) as [
    RedisStore,
    ...RedisStore[],
  ];
  onTestFinished(async () => void (await Promise.all([api, ...workers].map((store) => store.close()))));
  const chance = chanceFrom(20_171_222);
  const reached = { settled: 0, lost: 0, byCancel: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const { settled, lost, byCancel } = await race(`job ${round}`, api, workers, chance);
    reached.settled += settled;
    reached.lost += lost;
    reached.byCancel += byCancel;
  }
  // A race that always ends the same way is none.
  expect(
    Math.min(reached.settled, reached.lost, reached.byCancel, ROUNDS - reached.byCancel),
  ).toBeGreaterThan(0);
  expect((await api.stats()).totals).toMatchObject({
    ...{
      jobsFinished: ROUNDS,
      uploadsComplete: reached.settled,
      uploadsFailed: ROUNDS * TOTAL - reached.settled,
    },
    settlesLost: reached.lost,
  });
  expect(await checkInvariants(options)).toEqual({ jobs: ROUNDS, violations: [] });
  const told = await history(api);
  expect(told.filter(({ type }) => type === 'job:finished')).toHaveLength(ROUNDS);
  const completed = told.flatMap((event) => (event.type === 'upload:completed' ? [event.link] : []));
  expect(new Set(completed).size).toBe(completed.length);
  expect(completed).toHaveLength(reached.settled);
});

async function race(id: string, api: Store, workers: readonly Store[], chance: () => number) {
  const urls = Array.from({ length: TOTAL }, (_, index) => `https://a.example/${index}`);
  await api.create({ id, urls, host: HOST, options: {} });
  const claim = { host: HOST, leaseMs: 60_000, workerId: 'w' };
  // Now and then all are claimed, so that the last settle can end the job before the cancel does.
  const { leases } = await api.queue.claim({ ...claim, limit: chance() < 0.7 ? TOTAL : TOTAL - 3 });
  const settles = [0, 1, 2, 3].map((part) => leases.filter(({ index }) => index % 4 === part));
  // The cancel goes off with the settles, or once so many of them have been answered.
  const settling = settles.map((part, number) =>
    after(Math.floor(chance() * 10), () => settle(workers[number % workers.length] ?? api, part)),
  );
  const first = settling.slice(0, Math.floor(chance() * 5));
  const [cancelled, ...settlements] = await Promise.all([
    Promise.all(first).then(() => after(Math.floor(chance() * 10), () => api.cancel(id))),
    ...settling,
    after(Math.floor(chance() * 10), () => claimMore(workers[0] ?? api, claim)),
  ]);
  const answers = settlements.flat();
  await compare(id, api, answers);
  const finishes = answers.filter(
    ({ settlement }) => settlement.status === 'settled' && settlement.jobFinished,
  ).length;
  expect(finishes + Number(cancelled?.jobFinished)).toBe(1);
  const settled = answers.filter(({ settlement }) => settlement.status === 'settled').length;
  return { settled, lost: answers.length - settled, byCancel: Number(cancelled?.jobFinished) };
}

interface Answer {
  readonly lease: Lease;
  readonly settlement: Settlement;
}

async function settle(store: Store, leases: readonly Lease[]): Promise<readonly Answer[]> {
  const settlements = await store.settle(
    leases.map((lease) => ({
      lease,
      posts: 1,
      outcome: { status: 'complete', link: linkOf(lease), bytes: 1, type: 'image/png' },
    })),
  );
  return leases.flatMap((lease, place) => {
    const settlement = settlements[place];
    return settlement === undefined ? [] : [{ lease, settlement }];
  });
}

/** Somebody claims what is left in the same moment. Whatever comes of it is not settled. */
async function claimMore(
  store: Store,
  claim: { readonly host: string; readonly leaseMs: number; readonly workerId: string },
): Promise<readonly Answer[]> {
  await store.queue.claim({ ...claim, limit: TOTAL });
  return [];
}

/** What was answered is what is kept: a link for what was settled, `cancelled` for everything else. */
async function compare(id: string, api: Store, answers: readonly Answer[]): Promise<void> {
  const links = new Map<number, string>();
  for (const { lease, settlement } of answers)
    if (settlement.status === 'settled') links.set(lease.index, linkOf(lease));
    else expect(settlement).toEqual({ status: 'lost', reason: 'cancelled' });
  const page = await api.uploads(id);
  expect(page?.items.map(({ link, failure }) => link ?? failure?.code)).toEqual(
    Array.from({ length: TOTAL }, (_, index) => links.get(index) ?? 'cancelled'),
  );
  expect(page?.job).toMatchObject({
    ...{ status: 'complete', complete: links.size, failed: TOTAL - links.size, waiting: 0, claimed: 0 },
  });
}

async function history(store: Store): Promise<readonly StoreEvent[]> {
  const last = 'the last job';
  await store.create({ id: last, urls: ['https://a.example'], host: HOST, options: {} });
  const told: StoreEvent[] = [];
  const over = new AbortController();
  for await (const event of store.events({ after: 'no id', signal: over.signal })) {
    if ('jobId' in event && event.jobId === last) over.abort();
    else told.push(event);
  }
  await store.cancel(last);
  return told;
}

function linkOf({ jobId, index }: Lease): string {
  return `https://links.example/${jobId}/${index}`;
}

async function after<Result>(turns: number, act: () => Promise<Result>): Promise<Result> {
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  return act();
}

/** The same chances each time. */
function chanceFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
