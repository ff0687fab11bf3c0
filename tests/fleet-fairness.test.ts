import { randomUUID } from 'node:crypto';

import { describe, expect, inject, it, type TestContext } from 'vitest';

import { type Lease, type Outcome, silentLogger } from '@imgferry/core';
import { checkInvariants, RedisStore } from '@imgferry/redis-store';

const CLAIMERS = 5;
const AT_ONCE = 50;
/** How many uploads a job is given before it is the next one's turn. */
const TURN = 16;
const HOST = 'host';

async function stores(onTestFinished: TestContext['onTestFinished']) {
  const options = {
    url: inject('redisUrl'),
    namespace: `test-${randomUUID()}`,
    timeoutMs: 20_000,
    logger: silentLogger,
  };
  const each = Array.from({ length: CLAIMERS }, () => new RedisStore(options));
  onTestFinished(async () => void (await Promise.all(each.map((store) => store.close()))));
  return { options, each, first: each[0] as RedisStore };
}

/** Jobs of so many uploads, in the order of their names. */
async function createJobs(store: RedisStore, count: number, size: number): Promise<void> {
  await store.ready();
  const urls = Array.from({ length: size }, (_, index) => `https://a.example/${index}`);
  await Promise.all(
    Array.from({ length: count }, (_, number) =>
      store.create({ id: `${number}`, urls, host: HOST, options: {} }),
    ),
  );
}

/** Claims and settles until nothing is left; of the uploads that it first comes by one in ten has to be tried again. */
async function workOff(store: RedisStore, workerId: string): Promise<readonly Lease[]> {
  const all: Lease[] = [];
  const failure = { code: 'source_timeout', message: 'late' } as const;
  for (;;) {
    const { leases } = await store.queue.claim({ host: HOST, limit: AT_ONCE, leaseMs: 60_000, workerId });
    if (leases.length === 0) return all;
    all.push(...leases);
    const again = leases.filter(({ index, attempt }) => index % 10 === 0 && attempt === 1);
    await store.queue.release(
      again.map((lease) => ({ lease, delayMs: 0, countAttempt: true, failure, posts: 1 })),
    );
    const done = leases.filter((lease) => !again.includes(lease));
    await store.settle(done.map((lease) => ({ lease, outcome: outcomeOf(lease), posts: 1 })));
  }
}

function outcomeOf({ jobId, index }: Lease): Outcome {
  return { status: 'complete', link: `https://links.example/${jobId}/${index}`, bytes: 3, type: 'image/png' };
}

/** In the order in which they were handed out: tokens only grow. */
async function allWorkOff(each: readonly RedisStore[]): Promise<readonly Lease[]> {
  const leases = await Promise.all(each.map((store, number) => workOff(store, `claimer ${number}`)));
  return leases.flat().sort((a, b) => a.token - b.token);
}

describe.concurrent('five claimers of 50', () => {
  it('begin 1,000 jobs of ten in their order, and their counters sum exactly', async ({ onTestFinished }) => {
    const { options, each, first } = await stores(onTestFinished);
    await createJobs(first, 1_000, 10);
    const leases = await allWorkOff(each);
    expect(leases).toHaveLength(11_000);
    const begun = new Map<string, number>();
    for (const [rank, { jobId }] of leases.entries()) if (!begun.has(jobId)) begun.set(jobId, rank);
    // What is tried again takes turns as well, and of that there is one in ten.
    const passedOver = [...begun].filter(([jobId, rank]) => rank > Number(jobId) * 11 + TURN);
    expect(passedOver).toEqual([]);
    const { totals, queue } = await first.stats();
    expect(totals).toMatchObject({
      ...{ jobsCreated: 1_000, jobsFinished: 1_000, uploadsCreated: 10_000, uploadsComplete: 10_000 },
      ...{ uploadsRetried: 1_000, uploadsFailed: 0, leasesExpired: 0, settlesLost: 0, bytes: 30_000 },
    });
    expect(queue).toMatchObject({ waiting: 0, claimed: 0, delayed: 0, liveJobs: 0, oldestMs: null });
    expect(await checkInvariants(options)).toEqual({ jobs: 1_000, violations: [] });
  });

  it('let no job wait for more than one turn of each other job', async ({ onTestFinished }) => {
    const { options, each, first } = await stores(onTestFinished);
    await createJobs(first, 30, 100);
    const leases = await allWorkOff(each);
    const ranks = Map.groupBy(leases.keys(), (rank) => leases[rank]?.jobId);
    const waits = [...ranks.values()].map((places) => {
      // As long as there was always something of it to hand out: later on it waits for what is tried again.
      const last = Math.max(...places.filter((place) => leases[place]?.attempt === 1));
      const early = places.filter((place) => place <= last);
      return Math.max(...early.map((place, nth) => place - (early[nth - 1] ?? 0)));
    });
    expect(waits).toHaveLength(30);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30 * TURN);
    // Until the first of them has all it wants, none is far behind.
    const whileAllLive = Math.min(...[...ranks.values()].map((places) => places[99] ?? 0));
    const served = [...ranks.values()].map(
      (places) => places.filter((place) => place <= whileAllLive).length,
    );
    expect(Math.max(...served) / Math.min(...served)).toBeLessThanOrEqual(4);
    expect(await checkInvariants(options)).toEqual({ jobs: 30, violations: [] });
  });
});
