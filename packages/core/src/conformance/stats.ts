import assert from 'node:assert/strict';

import { durationBoundsMs } from '../durations.ts';
import { type Area, rule } from './rule.ts';
import { HOST } from './scenario.ts';

/** Counts. */
export const stats: Area = {
  name: 'stats',
  rules: [
    rule('an empty store has counted nothing', async ({ store }) => {
      const { at, totals, outcomes, durations, queue, minutes } = await store.stats();
      assert.ok(at > 0);
      for (const [name, total] of Object.entries(totals)) assert.equal(total, 0, name);
      assert.deepEqual(queue, {
        waiting: 0,
        claimed: 0,
        delayed: 0,
        nextDelayedMs: null,
        overdue: 0,
        oldestMs: null,
        liveJobs: 0,
        paused: false,
        pausedJobs: 0,
        pausedHosts: [],
      });
      assert.deepEqual([minutes, outcomes], [[], []]);
      assert.deepEqual(durations, { counts: [0, ...durationBoundsMs.map(() => 0)], sumMs: 0 });
    }),
    rule('totals count what happened since the store was made', async (scenario) => {
      const failure = { code: 'source_timeout', message: 'late' } as const;
      const jobId = await scenario.create(3);
      await scenario.create(2, { host: 'other-host' });
      const [first, second, third] = await scenario.leases(3);
      assert.ok(first && second && third);
      await scenario.complete(first, { bytes: 1_000 });
      await scenario.fail(second);
      await scenario.release(third, { failure });
      await scenario.complete(await scenario.lease(), { bytes: 500, possiblyDuplicated: true });
      assert.equal((await scenario.job(jobId)).status, 'complete');
      assert.deepEqual((await scenario.store.stats()).totals, {
        jobsCreated: 2,
        jobsFinished: 1,
        uploadsCreated: 5,
        uploadsComplete: 2,
        uploadsFailed: 1,
        uploadsRetried: 1,
        leasesExpired: 0,
        settlesLost: 0,
        possiblyDuplicated: 1,
        uploadsReused: 0,
        bytes: 1_500,
      });
    }),
    rule('totals only grow: a retry takes nothing back', async (scenario) => {
      const jobId = await scenario.create(3);
      await scenario.fail(await scenario.lease());
      await scenario.store.cancel(jobId);
      await scenario.store.retry(jobId);
      const { totals } = await scenario.store.stats();
      assert.deepEqual([totals.uploadsFailed, totals.jobsFinished], [3, 1]);
    }),
    rule('tells what waits, what is claimed and what is delayed', async (scenario) => {
      await scenario.create(5);
      const [first, second] = await scenario.leases(3);
      assert.ok(first && second);
      await scenario.release(first, { delayMs: 60_000 });
      await scenario.release(second, { delayMs: 30 });
      const { waiting, claimed, delayed, liveJobs } = (await scenario.store.stats()).queue;
      assert.deepEqual([waiting, claimed, delayed, liveJobs], [4, 1, 2, 1]);
    }),
    rule('what is claimed, cancelled or retried is not delayed any more', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.release(await scenario.lease(), { delayMs: 0 });
      assert.equal((await scenario.store.stats()).queue.delayed, 1);
      const lease = await scenario.lease();
      assert.equal((await scenario.store.stats()).queue.delayed, 0);
      await scenario.release(lease, { delayMs: 60_000 });
      await scenario.store.cancel(jobId);
      assert.equal((await scenario.store.stats()).queue.delayed, 0);
      await scenario.store.retry(jobId);
      assert.equal((await scenario.store.stats()).queue.delayed, 0);
      await scenario.release(await scenario.lease(), { delayMs: 60_000 });
      assert.equal((await scenario.store.stats()).queue.delayed, 1);
    }),
    rule('tells in how long the first that is delayed may be tried again', async (scenario) => {
      await scenario.create();
      await scenario.create(2);
      const nextDelayedMs = async () => (await scenario.store.stats()).queue.nextDelayedMs;
      const expectWithin = async (from: number, to: number) => {
        const inMs = await nextDelayedMs();
        assert.ok(inMs !== null && inMs > from && inMs <= to, `${inMs}`);
      };
      // The second job has two of them, the first of which is given back for later.
      const [first, second, third] = (await scenario.leases(3)).toSorted((a, b) => b.index - a.index);
      assert.ok(first && second && third && first.index === 1);
      const [same, other] = second.jobId === first.jobId ? [second, third] : [third, second];
      await scenario.release(first, { delayMs: 60_000 });
      await scenario.release(same, { delayMs: 90_000 });
      await expectWithin(30_000, 60_000);
      await scenario.release(other, { delayMs: 30 });
      await scenario.elapse(40);
      assert.equal(await nextDelayedMs(), 0);
      assert.equal((await scenario.lease()).jobId, other.jobId);
      await expectWithin(30_000, 60_000);
      await scenario.store.cancel(first.jobId);
      await scenario.store.cancel(other.jobId);
      assert.equal(await nextDelayedMs(), null);
    }),
    rule('what may be tried again by now is delayed until it is claimed', async (scenario) => {
      await scenario.create();
      await scenario.release(await scenario.lease(), { delayMs: 30 });
      await scenario.elapse(40);
      const { waiting, delayed, nextDelayedMs } = (await scenario.store.stats()).queue;
      assert.deepEqual([waiting, delayed, nextDelayedMs], [1, 1, 0]);
    }),
    rule('tells how many leases are overdue', async (scenario) => {
      await scenario.create(6);
      const overdue = async () => (await scenario.store.stats()).queue.overdue;
      const leases = await scenario.leases(4, { leaseMs: 30 });
      await scenario.lease();
      await scenario.elapse(30);
      assert.equal(await overdue(), 4);
      const taken = await scenario.lease();
      assert.equal(await overdue(), 3);
      const [late, extended] = leases.filter(({ index }) => index !== taken.index);
      assert.ok(late && extended);
      await scenario.complete(late);
      await scenario.store.queue.extend([extended], 60_000);
      assert.equal(await overdue(), 1);
    }),
    rule('a lease of a cancelled job is overdue until a claim comes by', async (scenario) => {
      const jobId = await scenario.create(3);
      const overdue = async () => (await scenario.store.stats()).queue.overdue;
      const leases = await scenario.leases(3, { leaseMs: 30 });
      const [late] = leases;
      assert.ok(late);
      await scenario.elapse(40);
      await scenario.store.pause({ jobId });
      await scenario.claim();
      assert.equal(await overdue(), 3);
      await scenario.complete(late);
      assert.equal(await overdue(), 2);
      await scenario.store.cancel(jobId);
      assert.equal(await overdue(), 2);
      await scenario.claim();
      assert.equal(await overdue(), 0);
    }),
    rule('tells for how long the oldest unfinished job has been there', async (scenario) => {
      await scenario.create(1, { host: 'other-host' });
      await scenario.elapse(40);
      await scenario.create();
      const oldestAt = async () => {
        const { at, queue } = await scenario.store.stats();
        return at - (queue.oldestMs ?? 0);
      };
      const { oldestMs } = (await scenario.store.stats()).queue;
      assert.ok(oldestMs !== null && oldestMs >= 40);
      const oldest = await oldestAt();
      await scenario.complete(await scenario.lease({ host: 'other-host' }));
      assert.ok((await oldestAt()) >= oldest + 40);
      await scenario.completeAll();
      assert.equal((await scenario.store.stats()).queue.oldestMs, null);
    }),
    rule('tells when it was looked at, by the clock that jobs are created by', async (scenario) => {
      const { createdAt } = await scenario.job(await scenario.create());
      await scenario.release(await scenario.lease(), { delayMs: 60_000 });
      const first = await scenario.store.stats();
      await scenario.elapse(40);
      const second = await scenario.store.stats();
      assert.ok(second.at >= first.at + 40);
      for (const { at, queue } of [first, second]) assert.equal(at - (queue.oldestMs ?? 0), createdAt);
      const dueAt = ({ at, queue }: typeof first) => at + (queue.nextDelayedMs ?? 0);
      assert.equal(dueAt(first), dueAt(second));
    }),
    rule('tells what is paused', async ({ store }) => {
      await store.pause('queue');
      await store.pause({ host: 'one' });
      await store.pause({ host: 'two' });
      await store.resume({ host: 'one' });
      const { queue } = await store.stats();
      assert.deepEqual([queue.paused, queue.pausedHosts], [true, ['two']]);
      await store.resume('queue');
      assert.equal((await store.stats()).queue.paused, false);
    }),
    rule('tells how many of the live jobs are paused themselves', async (scenario) => {
      const { store } = scenario;
      const pausedJobs = async () => (await store.stats()).queue.pausedJobs;
      const [jobId, other, third] = [
        await scenario.create(),
        await scenario.create(),
        await scenario.create(),
      ];
      await store.pause({ jobId });
      await store.pause({ jobId });
      await store.pause({ jobId: other });
      await store.pause({ host: HOST });
      assert.equal(await pausedJobs(), 2);
      await store.resume({ jobId: other });
      assert.equal(await pausedJobs(), 1);
      await store.cancel(jobId);
      await store.cancel(third);
      await store.pause({ jobId: third });
      assert.equal(await pausedJobs(), 0);
      await store.retry(third);
      assert.equal(await pausedJobs(), 1);
      await store.retry(jobId);
      assert.equal(await pausedJobs(), 2);
    }),
    rule('counts what was settled by the minute', async (scenario) => {
      await scenario.create(3);
      const before = (await scenario.job(await scenario.create())).createdAt;
      const [first, second, third] = await scenario.leases(3);
      assert.ok(first && second && third);
      await scenario.complete(first, { bytes: 10 });
      await scenario.complete(second, { bytes: 20 });
      await scenario.fail(third);
      const { minutes } = await scenario.store.stats();
      const sum = (name: 'complete' | 'failed' | 'bytes') =>
        minutes.reduce((all, each) => all + each[name], 0);
      assert.deepEqual([sum('complete'), sum('failed'), sum('bytes')], [2, 1, 30]);
      for (const { at } of minutes) assert.ok(at % 60_000 === 0 && at > before - 60_000);
    }),
    rule(
      'keeps the last 60 minutes in which something happened, oldest first',
      async (scenario) => {
        await scenario.create(70);
        for (const lease of await scenario.leases(70, { leaseMs: 10_000_000 })) {
          await scenario.complete(lease, { bytes: lease.index });
          await scenario.elapse(60_000);
        }
        const { minutes } = await scenario.store.stats();
        assert.deepEqual(
          minutes.map(({ bytes }) => bytes),
          Array.from({ length: 60 }, (_, place) => place + 10),
        );
      },
      { minutes: true },
    ),
  ],
};
