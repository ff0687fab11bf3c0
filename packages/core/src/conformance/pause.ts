import assert from 'node:assert/strict';

import type { PauseTarget } from '../store.ts';
import { type Area, rule } from './rule.ts';
import { HOST, type Scenario } from './scenario.ts';

/** Pausing and resuming. */
export const pause: Area = {
  name: 'pause',
  rules: [
    rule('nothing of a paused job is handed out until it is resumed', async (scenario) => {
      const jobId = await scenario.create(2);
      await holds(scenario, { jobId });
      assert.equal((await scenario.job(jobId)).paused, false);
    }),
    rule('nothing of a paused host is handed out until it is resumed', async (scenario) => {
      await scenario.create(2);
      await holds(scenario, { host: HOST });
    }),
    rule('nothing of a paused queue is handed out until it is resumed', async (scenario) => {
      await scenario.create(2);
      await holds(scenario, 'queue');
    }),
    rule('a paused job says so, and each of its uploads while it waits', async (scenario) => {
      const jobId = await scenario.create(2);
      await scenario.lease();
      await scenario.store.pause({ jobId });
      assert.equal((await scenario.job(jobId)).paused, true);
      assert.deepEqual(
        (await scenario.uploads(jobId)).map(({ paused }) => paused),
        [false, true],
      );
    }),
    rule('an upload is paused while its host or the queue is', async (scenario) => {
      const jobId = await scenario.create();
      for (const what of [{ host: HOST }, 'queue'] as const) {
        await scenario.store.pause(what);
        assert.equal((await scenario.upload(jobId)).paused, true);
        assert.equal((await scenario.job(jobId)).paused, false);
        await scenario.store.resume(what);
        assert.equal((await scenario.upload(jobId)).paused, false);
      }
    }),
    rule('what runs is finished', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      for (const what of [{ jobId }, { host: HOST }, 'queue'] as const) await scenario.store.pause(what);
      assert.deepEqual(await scenario.store.queue.extend([lease], 60_000), []);
      assert.deepEqual(await scenario.complete(lease), { status: 'settled', jobFinished: true });
    }),
    rule('retries and expired leases of a paused job wait for its resume', async (scenario) => {
      const jobId = await scenario.create(3);
      await scenario.release(await scenario.lease(), { delayMs: 30 });
      await scenario.lease({ leaseMs: 30 });
      await scenario.store.pause({ jobId });
      await scenario.elapse(30);
      assert.deepEqual(await scenario.leases(9), []);
      await scenario.store.resume({ jobId });
      assert.deepEqual((await scenario.leases(9)).map(({ index }) => index).sort(), [0, 1, 2]);
    }),
    rule('pausing twice is pausing once', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.store.pause({ jobId });
      assert.equal(await scenario.store.pause({ jobId }), true);
      assert.equal(await scenario.store.resume({ jobId }), true);
      assert.equal(await scenario.store.resume({ jobId }), true);
      await scenario.lease();
    }),
    rule('a job that is unknown can be neither paused nor resumed', async ({ store }) => {
      assert.equal(await store.pause({ jobId: 'unknown' }), false);
      assert.equal(await store.resume({ jobId: 'unknown' }), false);
    }),
    rule('a host without jobs and a queue without any can be paused', async ({ store }) => {
      assert.equal(await store.pause({ host: 'no-jobs' }), true);
      assert.equal(await store.pause('queue'), true);
    }),
    rule('a job that is created while its host is paused waits', async (scenario) => {
      await scenario.store.pause({ host: HOST });
      await scenario.create();
      assert.deepEqual(await scenario.leases(1), []);
      await scenario.store.resume({ host: HOST });
      await scenario.lease();
    }),
    rule('other hosts go on while one is paused', async (scenario) => {
      await scenario.create();
      await scenario.create(1, { host: 'other-host' });
      await scenario.store.pause({ host: HOST });
      await scenario.lease({ host: 'other-host' });
    }),
    rule('a paused job can be cancelled', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.store.pause({ jobId });
      assert.equal((await scenario.store.cancel(jobId))?.job.status, 'complete');
    }),
    rule('one who claims from what is paused is not told to look again soon', async (scenario) => {
      await scenario.create();
      await scenario.store.pause('queue');
      const { nextInMs = Number.POSITIVE_INFINITY } = await scenario.claim();
      assert.ok(nextInMs > 500, `${nextInMs} ms`);
    }),
  ],
};

async function holds(scenario: Scenario, what: PauseTarget): Promise<void> {
  assert.equal(await scenario.store.pause(what), true);
  assert.deepEqual(await scenario.leases(5), []);
  assert.equal(await scenario.store.resume(what), true);
  assert.equal((await scenario.leases(5)).length, 2);
}
