import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { JobSummary } from '@imgferry/core';
import {
  chanceFrom,
  claim,
  finishedBy,
  finishes,
  KINDS,
  linkOf,
  newJob,
  RaceStores,
  settle,
  soon,
} from './race-stores.ts';

// Each race of two steps has one answer, whichever comes first. The chances are the same in every run of a test.

const ROUNDS = 12;
/** Where both orders are to be seen: with so many it is by no chance that one was not. */
const MOST_ROUNDS = 60;
const SIZE = 8;

describe.for(KINDS)('in %s', (kind) => {
  it('of two cancels at once one finishes the job, and both answer the same job', async ({
    onTestFinished,
  }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const others = [stores.open(), stores.open()] as const;
    const chance = chanceFrom(1);
    for (let round = 0; round < ROUNDS; round += 1) {
      const jobId = await stores.create(SIZE);
      await settle(stores.api, await claim(stores.api, 3), ({ index }) => index === 0);
      await claim(stores.api, 2);
      const answers = await Promise.all(others.map((store) => soon(chance, () => store.cancel(jobId))));
      expect(answers.filter((answer) => answer?.jobFinished)).toHaveLength(1);
      expect(answers[0]?.job).toEqual(answers[1]?.job);
      expect(answers[0]?.job).toMatchObject({ status: 'complete', cancelled: true, complete: 2, failed: 6 });
    }
    await stores.agrees();
    expect(await toldOf(stores, 'job:finished')).toBe(ROUNDS);
  });

  it('of two retries at once each failed upload runs once more', async ({ onTestFinished }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const [first, second] = [stores.open(), stores.open()] as const;
    const chance = chanceFrom(2);
    for (let round = 0; round < ROUNDS; round += 1) {
      const jobId = await stores.create(SIZE);
      await settle(stores.api, await claim(stores.api, SIZE), ({ index }) => index < 5);
      const answers = await Promise.all([
        soon(chance, () => first.retry(jobId)),
        soon(chance, () => second.retry(jobId, round % 2 === 0 ? { codes: ['source_status'] } : {})),
      ]);
      expect(answers[0]?.job).toEqual(answers[1]?.job);
      expect(answers[0]?.job).toMatchObject({ status: 'in-progress', waiting: 5, failed: 0 });
      expect(answers.filter((answer) => answer?.status === 'retried')).toHaveLength(1);
      const again = await claim(stores.api, SIZE * 2);
      expect(again.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4]);
      expect(finishes(await settle(stores.api, again))).toBe(1);
    }
    await stores.agrees();
    expect(await toldOf(stores, 'job:finished')).toBe(2 * ROUNDS);
  });

  it('of many retries at once that choose, each gets what it chose, and no upload runs twice', async ({
    onTestFinished,
  }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const others = Array.from({ length: SIZE }, () => stores.open());
    const chance = chanceFrom(3);
    for (let round = 0; round < 10; round += 1) {
      const jobId = await stores.create(SIZE);
      await settle(stores.api, await claim(stores.api, SIZE), () => true);
      const answers = await Promise.all(
        others.map((store, index) =>
          soon(chance, () => store.retry(jobId, { urls: [`https://a.example/${index}`] })),
        ),
      );
      expect(answers.map((answer) => answer?.job.status)).toEqual(
        Array.from({ length: SIZE }, () => 'in-progress'),
      );
      const again = await claim(stores.api, SIZE * 2);
      expect(again.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      await settle(stores.api, again);
    }
    await stores.agrees();
  });

  it('a retry while the job runs takes only what has failed, and each run is finished once', async ({
    onTestFinished,
  }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const [retrier, worker] = [stores.open(), stores.open()] as const;
    const chance = chanceFrom(4);
    const runs = { one: 0, two: 0 };
    for (const _ of untilBoth(runs)) {
      const jobId = await stores.create(SIZE);
      const leases = await claim(stores.api, SIZE);
      const [failed, running] = [leases.slice(0, 3), leases.slice(3)];
      await settle(stores.api, failed, () => true);
      const [retried, answers] = await Promise.all([
        soon(chance, () => retrier.retry(jobId)),
        soon(chance, () => settle(worker, running)),
      ]);
      // What ran was left alone: each of its leases could be settled, once.
      expect(answers.map(({ settlement }) => settlement.status)).toEqual(running.map(() => 'settled'));
      expect(retried?.job).toMatchObject({ status: 'in-progress', waiting: 3, failed: 0, finishedAt: null });
      const again = await claim(stores.api, SIZE * 2);
      expect(again.map(({ index }) => index)).toEqual([0, 1, 2]);
      expect(finishes(await settle(stores.api, again))).toBe(1);
      runs[finishes(answers) === 0 ? 'one' : 'two'] += 1;
      expect((await stores.uploads(jobId)).map(({ link }) => link)).toEqual(
        [...again, ...running].map(linkOf),
      );
    }
    await stores.agrees();
    expect(Math.min(runs.one, runs.two)).toBeGreaterThan(0);
    expect(await toldOf(stores, 'job:finished')).toBe(runs.one + 2 * runs.two);
  });

  it('of the last settle and a retry at once the settle is answered with the job complete, as it was told', async ({
    onTestFinished,
  }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const [retrier, worker] = [stores.open(), stores.open()] as const;
    const chance = chanceFrom(12);
    const jobs: JobSummary[] = [];
    let retried = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const jobId = await stores.create(1);
      const leases = await claim(stores.api, 1);
      const [answers, again] = await Promise.all([
        soon(chance, () => settle(worker, leases, () => true)),
        soon(chance, () => retrier.retry(jobId)),
      ]);
      if (again?.status === 'retried') retried += 1;
      jobs.push(...finishedBy(answers));
    }
    expect(retried).toBeGreaterThan(0);
    expect(jobs).toMatchObject(Array.from({ length: ROUNDS }, () => ({ status: 'complete', failed: 1 })));
    expect(jobs).toEqual(
      (await stores.history()).flatMap((event) => (event.type === 'job:finished' ? [event.job] : [])),
    );
    await stores.agrees();
  });

  it('of a cancel and a retry at once the one that comes second has the last word', async ({
    onTestFinished,
  }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const [canceller, retrier] = [stores.open(), stores.open()] as const;
    const chance = chanceFrom(5);
    const last = { cancel: 0, retry: 0 };
    for (const round of untilBoth(last)) {
      const jobId = await stores.create(SIZE);
      const [failed, held] = halves(await claim(stores.api, SIZE - 2));
      await settle(stores.api, failed, () => true);
      const [cancelled, retried] = await Promise.all([
        soon(chance, () => canceller.cancel(jobId)),
        soon(chance, () =>
          retrier.retry(jobId, round % 2 === 0 ? { codes: ['source_status', 'cancelled'] } : {}),
        ),
      ]);
      // The job ran when the cancel came, in either order.
      expect(cancelled).toMatchObject({ jobFinished: true, job: { status: 'complete', cancelled: true } });
      const job = (await stores.api.get(jobId)) as JobSummary;
      if (job.status === 'complete') {
        last.cancel += 1;
        expect(job).toEqual(cancelled?.job);
        expect(job.failed).toBe(SIZE);
        expect(retried?.job).toMatchObject({ status: 'in-progress', failed: 0, cancelled: false });
        expect(await claim(stores.api, SIZE)).toEqual([]);
      } else {
        last.retry += 1;
        expect(job).toEqual(retried?.job);
        expect(job).toMatchObject({ waiting: SIZE, failed: 0, cancelled: false });
      }
      const lost = await settle(stores.api, held);
      expect(lost.map(({ settlement }) => settlement)).toEqual(
        held.map(() => ({ status: 'lost', reason: 'cancelled' })),
      );
      if (job.status !== 'complete')
        expect(finishes(await settle(stores.api, await claim(stores.api, 99)))).toBe(1);
    }
    await stores.agrees();
    expect(Math.min(last.cancel, last.retry)).toBeGreaterThan(0);
    expect(await toldOf(stores, 'job:finished')).toBe(last.cancel + 2 * last.retry);
  });

  it('of what a cancelled and retried job gave out twice, only the new lease counts', async ({
    onTestFinished,
  }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const [old, newer] = [stores.open(), stores.open()] as const;
    const chance = chanceFrom(6);
    for (let round = 0; round < ROUNDS; round += 1) {
      const jobId = await stores.create(SIZE);
      const before = await claim(old, SIZE, 'old');
      await stores.api.cancel(jobId);
      await stores.api.retry(jobId);
      const [lateAgain, { leases, answers }] = await Promise.all([
        soon(chance, () => settle(old, before)),
        soon(chance, async () => {
          const taken = await claim(newer, SIZE, 'newer');
          return { leases: taken, answers: await settle(newer, taken) };
        }),
      ]);
      expect(lateAgain.map(({ settlement }) => settlement)).toEqual(
        before.map(() => ({ status: 'lost', reason: expect.stringMatching(/^(cancelled|replaced)$/) })),
      );
      expect(finishes(answers)).toBe(1);
      expect((await stores.uploads(jobId)).map(({ link }) => link)).toEqual(
        leases.toSorted((a, b) => a.index - b.index).map(linkOf),
      );
    }
    await stores.agrees();
    expect(await toldOf(stores, 'upload:completed')).toBe(ROUNDS * SIZE);
  });

  it('once a pause is answered nothing is claimed, and what was claimed before is finished', async ({
    onTestFinished,
  }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const workers = [stores.open(), stores.open(), stores.open()];
    const chance = chanceFrom(7);
    const reached = { some: 0, none: 0 };
    for (const round of untilBoth(reached)) {
      const jobId = await stores.create(SIZE);
      const what = ([{ jobId }, { host: 'host' }, 'queue'] as const)[round % 3] ?? 'queue';
      const [, ...claims] = await Promise.all([
        soon(chance, () => stores.api.pause(what)),
        ...workers.map((store) => soon(chance, () => claim(store, 2))),
      ]);
      expect(await Promise.all(workers.map((store) => claim(store, SIZE)))).toEqual([[], [], []]);
      const before = claims.flat();
      reached[before.length === 0 ? 'none' : 'some'] += 1;
      const answers = await settle(stores.api, before);
      expect(answers.map(({ settlement }) => settlement.status)).toEqual(before.map(() => 'settled'));
      await stores.api.resume(what);
      const rest = await claim(stores.api, SIZE);
      expect([...before, ...rest].map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(finishes(await settle(stores.api, rest))).toBe(1);
    }
    await stores.agrees();
    expect(Math.min(reached.some, reached.none)).toBeGreaterThan(0);
  });

  it('a submit that comes again while its job is cancelled makes no second one', async ({
    onTestFinished,
  }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const [canceller, ...submitters] = [stores.open(), stores.open(), stores.open()] as const;
    const chance = chanceFrom(8);
    const seen = { before: 0, after: 0 };
    for (const _ of untilBoth(seen)) {
      const idempotency = { key: randomUUID(), fingerprint: 'same', ttlMs: 3_600_000 };
      const jobId = await stores.create(SIZE, { idempotency });
      const held = await claim(stores.api, 2);
      const [cancelled, ...again] = await Promise.all([
        soon(chance, () => canceller.cancel(jobId)),
        ...submitters.map((store) => soon(chance, () => store.create(newJob(SIZE, { idempotency })))),
      ]);
      expect(cancelled?.jobFinished).toBe(true);
      for (const created of again) {
        if (created.status !== 'existing') expect.fail(created.status);
        expect(created.job.id).toBe(jobId);
        seen[created.job.cancelled ? 'after' : 'before'] += 1;
        if (created.job.cancelled) expect(created.job).toEqual(cancelled?.job);
      }
      expect(await claim(stores.api, SIZE)).toEqual([]);
      expect((await settle(stores.api, held)).map(({ settlement }) => settlement.status)).toEqual([
        'lost',
        'lost',
      ]);
    }
    expect((await stores.agrees()).every(({ cancelled, failed }) => cancelled && failed === SIZE)).toBe(true);
    expect(Math.min(seen.before, seen.after)).toBeGreaterThan(0);
    expect(await toldOf(stores, 'job:created')).toBe((seen.before + seen.after) / 2);
  });
});

/** Rounds until both orders that a race can have were seen, and some in any case. */
function* untilBoth(seen: Readonly<Record<string, number>>): Generator<number, void, undefined> {
  const isOneUnseen = (): boolean => Object.values(seen).includes(0);
  for (let round = 0; round < ROUNDS || (round < MOST_ROUNDS && isOneUnseen()); round += 1) yield round;
}

async function toldOf(stores: RaceStores, type: string): Promise<number> {
  return (await stores.history()).filter((event) => event.type === type).length;
}

function halves<Item>(items: readonly Item[]): readonly [readonly Item[], readonly Item[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}
