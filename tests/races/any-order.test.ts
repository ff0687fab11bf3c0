import { describe, expect, it } from 'vitest';

import type { RetrySelection, Store, StoreEvent } from '@imgferry/core';
import {
  type Answer,
  chanceFrom,
  claim,
  finishes,
  KINDS,
  linkOf,
  RaceStores,
  settle,
  soon,
} from './race-stores.ts';

const ROUNDS = 40;
const SIZE = 8;

describe.for(KINDS)('in %s', (kind) => {
  it('pause, cancel, retry and resume in any order while workers claim and settle lose nothing, and each change is told once', async ({
    onTestFinished,
  }) => {
    const stores = new RaceStores(kind, onTestFinished);
    const members = [stores.open(), stores.open(), stores.open()];
    const chance = chanceFrom(9);
    const all: Answer[] = [];
    const changes = new Changes();
    for (let round = 0; round < ROUNDS; round += 1) {
      const jobId = await stores.create(SIZE);
      const steps = [
        (store: Store) => changes.pause(store, jobId),
        (store: Store) => changes.resume(store, jobId),
        (store: Store) => changes.retry(store, jobId),
        (store: Store) => changes.retry(store, jobId, { codes: ['source_status'] }),
        (store: Store) => changes.cancel(store, jobId),
      ];
      const steer = async (store: Store): Promise<readonly Answer[]> => {
        await steps[Math.floor(chance() * steps.length)]?.(store);
        return [];
      };
      const work = async (store: Store): Promise<readonly Answer[]> => {
        const leases = await claim(store, 3);
        return soon(chance, () => settle(store, leases, () => chance() < 0.3));
      };
      const begun = members.flatMap((store) =>
        [steer, work, work, steer, work].map((step) => soon(chance, () => step(store))),
      );
      const answers = (await Promise.all(begun)).flat();
      await changes.resume(stores.api, jobId);
      await changes.retry(stores.api, jobId);
      for (let open = true; open; open = (await stores.api.get(jobId))?.status !== 'complete')
        answers.push(...(await settle(stores.api, await claim(stores.api, SIZE))));
      all.push(...answers);
      // What is kept of each upload is what the last of its leases was answered that was not lost.
      const kept = new Map(
        answers
          .filter(({ settlement }) => settlement.status === 'settled')
          .sort((a, b) => a.lease.token - b.lease.token)
          .map(({ lease }) => [lease.index, linkOf(lease)]),
      );
      expect((await stores.uploads(jobId)).map(({ status, link }) => [status, link])).toEqual(
        Array.from({ length: SIZE }, (_, index) => ['complete', kept.get(index)]),
      );
    }
    const jobs = await stores.agrees();
    expect(jobs.every(({ complete }) => complete === SIZE)).toBe(true);
    const lost = all.filter(({ settlement }) => settlement.status === 'lost');
    expect(lost.length).toBeGreaterThan(0);
    const finished = changes.finished + finishes(all);
    expect((await stores.api.stats()).totals).toMatchObject({
      ...{ uploadsComplete: ROUNDS * SIZE, jobsFinished: finished, settlesLost: lost.length },
    });
    expect(countsOf(await stores.history())).toMatchObject({
      ...{ 'job:created': ROUNDS, 'job:started': ROUNDS, 'job:finished': finished },
      ...{ 'job:retried': changes.retried, 'job:paused': changes.paused, 'job:resumed': changes.resumed },
      'upload:completed': ROUNDS * SIZE,
    });
  });
});

/** Steers jobs, and counts what its steps were answered to have changed. */
class Changes {
  paused = 0;
  resumed = 0;
  retried = 0;
  finished = 0;

  async pause(store: Store, jobId: string): Promise<void> {
    if ((await store.pause({ jobId }))?.changed) this.paused += 1;
  }

  async resume(store: Store, jobId: string): Promise<void> {
    if ((await store.resume({ jobId }))?.changed) this.resumed += 1;
  }

  async retry(store: Store, jobId: string, which?: RetrySelection): Promise<void> {
    if ((await store.retry(jobId, which))?.status === 'retried') this.retried += 1;
  }

  async cancel(store: Store, jobId: string): Promise<void> {
    if ((await store.cancel(jobId))?.jobFinished) this.finished += 1;
  }
}

function countsOf(events: readonly StoreEvent[]): Record<string, number> {
  const byType = Map.groupBy(events, ({ type }) => type);
  return Object.fromEntries([...byType].map(([type, each]) => [type, each.length]));
}
