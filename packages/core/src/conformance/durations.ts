import assert from 'node:assert/strict';

import { durationBoundsMs } from '../durations.ts';
import { type Area, rule } from './rule.ts';
import type { Scenario } from './scenario.ts';

/** By the clock that a rule moves by hand, and so exactly. */
const exactly = { minutes: true };
const HOUR_MS = 3_600_000;

/** The counts that are not 0, each by its bucket, and the sum. */
async function countedIn({ store }: Scenario): Promise<{ buckets: [number, number][]; sumMs: number }> {
  const { counts, sumMs } = (await store.stats()).durations;
  const buckets = counts.map((count, bucket): [number, number] => [bucket, count]);
  return { buckets: buckets.filter(([, count]) => count > 0), sumMs };
}

async function countOf({ store }: Scenario): Promise<number> {
  return (await store.stats()).durations.counts.reduce((sum, count) => sum + count, 0);
}

/** For how long uploads were worked on. */
export const durations: Area = {
  name: 'durations',
  rules: [
    rule('counts for how long an upload was worked on, complete or failed', async (scenario) => {
      await scenario.create(3);
      const [first, second] = await scenario.leases(3);
      assert.ok(first && second);
      await scenario.elapse(40);
      await scenario.complete(first);
      await scenario.fail(second);
      const { durations: all, minutes } = await scenario.store.stats();
      assert.equal(await countOf(scenario), 2);
      assert.ok(all.sumMs >= 80);
      const ofMinutes = minutes.map((minute) => minute.durations);
      assert.equal(
        ofMinutes.reduce((sum, { sumMs }) => sum + sumMs, 0),
        all.sumMs,
      );
      const added = all.counts.map((_, bucket) =>
        ofMinutes.reduce((sum, { counts }) => sum + (counts[bucket] ?? 0), 0),
      );
      assert.deepEqual(added, all.counts);
    }),
    rule(
      'an outcome that is sent again counts its duration once, and one that is lost none',
      async (scenario) => {
        const jobId = await scenario.create(2);
        const [first, second] = await scenario.leases(2);
        assert.ok(first && second);
        await scenario.complete(first);
        await scenario.complete(first);
        await scenario.store.cancel(jobId);
        await scenario.complete(second);
        assert.equal(await countOf(scenario), 1);
      },
    ),
    rule('there is no duration of a cancel, of a release, or of a lease that ran out', async (scenario) => {
      const jobId = await scenario.create(3);
      await scenario.release(await scenario.lease(), { delayMs: 60_000 });
      for (let expiry = 0; expiry < 3; expiry += 1) await scenario.expiredLease();
      await scenario.claim();
      await scenario.store.cancel(jobId);
      const { totals } = await scenario.store.stats();
      assert.deepEqual([totals.uploadsFailed, await countOf(scenario)], [3, 0]);
    }),
    rule(
      'a duration is in the first bucket whose bound it does not exceed',
      async (scenario) => {
        await scenario.create(2 * durationBoundsMs.length);
        for (const bound of durationBoundsMs)
          for (const ms of [bound, bound + 1]) {
            const lease = await scenario.lease({ leaseMs: HOUR_MS });
            await scenario.elapseExactly(ms);
            await scenario.complete(lease);
          }
        const twice = durationBoundsMs.slice(1).map((_, place): [number, number] => [place + 1, 2]);
        assert.deepEqual(await countedIn(scenario), {
          buckets: [[0, 1], ...twice, [durationBoundsMs.length, 1]],
          sumMs: durationBoundsMs.reduce((sum, bound) => sum + 2 * bound + 1, 0),
        });
      },
      exactly,
    ),
    rule(
      'it begins with the claim of the attempt that ended the upload',
      async (scenario) => {
        await scenario.create();
        const first = await scenario.lease();
        await scenario.elapseExactly(3_000);
        await scenario.release(first);
        const second = await scenario.lease({ leaseMs: 1_000 });
        await scenario.elapseExactly(2_000);
        const third = await scenario.lease({ leaseMs: 1_000 });
        assert.ok(third.token > second.token);
        await scenario.elapseExactly(70);
        await scenario.complete(third);
        assert.deepEqual(await countedIn(scenario), { buckets: [[1, 1]], sumMs: 70 });
      },
      exactly,
    ),
    rule(
      'it goes on while the lease is extended, and when it ran out and its holder settles all the same',
      async (scenario) => {
        const jobId = await scenario.create(2);
        const [extended, late] = await scenario.leases(2, { leaseMs: 1_000 });
        assert.ok(extended && late);
        await scenario.elapseExactly(900);
        await scenario.store.queue.extend([extended], 10_000);
        await scenario.elapseExactly(900);
        await scenario.store.pause({ jobId });
        await scenario.claim();
        await scenario.complete(extended);
        await scenario.complete(late);
        assert.deepEqual(await countedIn(scenario), { buckets: [[5, 2]], sumMs: 3_600 });
      },
      exactly,
    ),
    rule(
      'it is counted in the minute in which the upload ended',
      async (scenario) => {
        await scenario.create(2);
        const [first, second] = await scenario.leases(2, { leaseMs: HOUR_MS });
        assert.ok(first && second);
        await scenario.complete(first);
        await scenario.elapseExactly(60_000);
        await scenario.complete(second);
        const { minutes } = await scenario.store.stats();
        assert.deepEqual(
          minutes.map(({ complete, durations: { sumMs } }) => [complete, sumMs]),
          [
            [1, 0],
            [1, 60_000],
          ],
        );
      },
      exactly,
    ),
  ],
};
