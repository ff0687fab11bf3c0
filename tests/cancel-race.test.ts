import { describe, expect, it } from 'vitest';

import type { Store } from '@imgferry/core';
import {
  type Answer,
  type Chance,
  chanceFrom,
  claim,
  finishes,
  KINDS,
  linkOf,
  RaceStores,
  settle,
  soon,
} from './races/race-stores.ts';

const ROUNDS = 150;
const SIZE = 8;

describe.for(KINDS)('in %s', (kind) => {
  it('of a cancel and the settles that race it each upload keeps one outcome, and one of them ends the job', async ({
    onTestFinished,
  }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const workers = [stores.open(), stores.open()];
    const chance = chanceFrom(20_171_222);
    const reached = { settled: 0, lost: 0, byCancel: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const { settled, lost, byCancel } = await race(stores, workers, chance);
      reached.settled += settled;
      reached.lost += lost;
      reached.byCancel += byCancel;
    }
    // A race that always ends the same way is none.
    expect(
      Math.min(reached.settled, reached.lost, reached.byCancel, ROUNDS - reached.byCancel),
    ).toBeGreaterThan(0);
    expect((await stores.api.stats()).totals).toMatchObject({
      ...{ jobsFinished: ROUNDS, uploadsComplete: reached.settled },
      ...{ uploadsFailed: ROUNDS * SIZE - reached.settled, settlesLost: reached.lost },
    });
    expect(await stores.agrees()).toHaveLength(ROUNDS);
    const told = await stores.history();
    expect(told.filter(({ type }) => type === 'job:finished')).toHaveLength(ROUNDS);
    const completed = told.flatMap((event) => (event.type === 'upload:completed' ? [event.link] : []));
    expect(new Set(completed).size).toBe(completed.length);
    expect(completed).toHaveLength(reached.settled);
  });
});

async function race(stores: RaceStores, workers: readonly Store[], chance: Chance) {
  const { api } = stores;
  const jobId = await stores.create(SIZE);
  // Now and then all are claimed, so that the last settle can end the job before the cancel does.
  const leases = await claim(api, chance() < 0.7 ? SIZE : SIZE - 3);
  const settles = [0, 1, 2, 3].map((part) => leases.filter(({ index }) => index % 4 === part));
  // The cancel goes off with the settles, or once so many of them have been answered.
  const settling = settles.map((part, number) =>
    soon(chance, () => settle(workers[number % workers.length] ?? api, part)),
  );
  const first = settling.slice(0, Math.floor(chance() * 5));
  const [cancelled, ...settlements] = await Promise.all([
    Promise.all(first).then(() => soon(chance, () => api.cancel(jobId))),
    ...settling,
    soon(chance, () => claimMore(workers[0] ?? api)),
  ]);
  const answers = settlements.flat();
  await compare(jobId, stores, answers);
  expect(finishes(answers) + Number(cancelled?.jobFinished)).toBe(1);
  const settled = answers.filter(({ settlement }) => settlement.status === 'settled').length;
  return { settled, lost: answers.length - settled, byCancel: Number(cancelled?.jobFinished) };
}

/** Somebody claims what is left in the same moment. Whatever comes of it is not settled. */
async function claimMore(store: Store): Promise<readonly Answer[]> {
  await claim(store, SIZE);
  return [];
}

/** What was answered is what is kept: a link for what was settled, `cancelled` for everything else. */
async function compare(jobId: string, stores: RaceStores, answers: readonly Answer[]): Promise<void> {
  const links = new Map<number, string>();
  for (const { lease, settlement } of answers)
    if (settlement.status === 'settled') links.set(lease.index, linkOf(lease));
    else expect(settlement).toEqual({ status: 'lost', reason: 'cancelled' });
  const uploads = await stores.uploads(jobId);
  expect(uploads.map(({ link, failure }) => link ?? failure?.code)).toEqual(
    Array.from({ length: SIZE }, (_, index) => links.get(index) ?? 'cancelled'),
  );
  expect(await stores.api.get(jobId)).toMatchObject({
    ...{ status: 'complete', complete: links.size, failed: SIZE - links.size, waiting: 0, claimed: 0 },
  });
}
