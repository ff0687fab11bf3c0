import assert from 'node:assert/strict';

import type { PausedBy } from '../job.ts';
import type { PauseTarget } from '../store.ts';
import { client, observe, scope } from './budget-steps.ts';
import { type Area, rule } from './rule.ts';
import { HOST, newJob, type Scenario } from './scenario.ts';

/** Pausing and resuming. */
export const pause: Area = {
  name: 'pause',
  rules: [
    rule('nothing of a paused job is handed out until it is resumed', async (scenario) => {
      const jobId = await scenario.create(2);
      await holds(scenario, { jobId });
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
      await isPausedBy(scenario, jobId, ['job']);
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
        await scenario.store.resume(what);
        assert.equal((await scenario.upload(jobId)).paused, false);
      }
    }),
    rule('a job tells all the pauses that hold it up, each until it is resumed', async (scenario) => {
      const jobId = await scenario.create();
      const { store } = scenario;
      await isPausedBy(scenario, jobId, []);
      await store.pause('queue');
      await isPausedBy(scenario, jobId, ['queue']);
      await store.pause({ jobId });
      await isPausedBy(scenario, jobId, ['job', 'queue']);
      await store.pause({ host: HOST });
      await isPausedBy(scenario, jobId, ['job', 'host', 'queue']);
      await store.resume('queue');
      await isPausedBy(scenario, jobId, ['job', 'host']);
      await store.resume({ jobId });
      await isPausedBy(scenario, jobId, ['host']);
      await store.resume({ host: HOST });
      await isPausedBy(scenario, jobId, []);
    }),
    rule('a pause of another job or of another host is not told of a job', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.store.pause({ jobId: await scenario.create() });
      await scenario.store.pause({ host: 'other-host' });
      await isPausedBy(scenario, jobId, []);
    }),
    rule('a host that is out of budget is not paused', async (scenario) => {
      const jobId = await scenario.create();
      await observe(scenario, { [client]: 0 });
      assert.deepEqual(await scenario.leases(1, { budget: scope }), []);
      await isPausedBy(scenario, jobId, []);
    }),
    rule('what runs is finished', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      for (const what of [{ jobId }, { host: HOST }, 'queue'] as const) await scenario.store.pause(what);
      assert.deepEqual(await scenario.store.queue.extend([lease], 60_000), []);
      const settled = await scenario.complete(lease);
      assert.deepEqual(settled, { status: 'settled', jobFinished: true, job: await scenario.job(jobId) });
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
      for (const what of [{ jobId }, { host: HOST }, 'queue'] as const) {
        for (const changed of [true, false])
          assert.equal((await scenario.store.pause(what))?.changed, changed, 'it is paused once');
        for (const changed of [true, false])
          assert.equal((await scenario.store.resume(what))?.changed, changed, 'it is resumed once');
      }
      await scenario.lease();
    }),
    rule('a job that is unknown can be neither paused nor resumed', async ({ store }) => {
      assert.equal(await store.pause({ jobId: 'unknown' }), undefined);
      assert.equal(await store.resume({ jobId: 'unknown' }), undefined);
    }),
    rule('a host without jobs and a queue without any can be paused', async ({ store }) => {
      assert.deepEqual(await store.pause({ host: 'no-jobs' }), { changed: true });
      assert.deepEqual(await store.pause('queue'), { changed: true });
    }),
    rule('a job that is created while its host is paused waits', async (scenario) => {
      await scenario.store.pause({ host: HOST });
      const created = await scenario.store.create(newJob());
      assert.ok(created.status === 'created');
      assert.deepEqual([created.job.paused, created.job.pausedBy], [true, ['host']]);
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
    rule('no cancel ends a pause', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.store.pause({ jobId });
      await scenario.store.pause('queue');
      const { job } = (await scenario.store.cancel(jobId)) ?? assert.fail();
      assert.deepEqual(job.pausedBy, ['job', 'queue']);
      await scenario.store.resume('queue');
      await scenario.store.retry(jobId);
      assert.deepEqual(await scenario.leases(1), []);
      await scenario.store.resume({ jobId });
      await scenario.lease();
    }),
    rule('a job that is complete can be paused, which counts once it is retried', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.fail(await scenario.lease());
      assert.equal((await scenario.store.pause({ jobId }))?.changed, true);
      const answer = (await scenario.store.retry(jobId)) ?? assert.fail();
      assert.deepEqual([answer.job.status, answer.job.pausedBy], ['in-progress', ['job']]);
      assert.deepEqual(await scenario.leases(1), []);
      await scenario.store.resume({ jobId });
      await scenario.lease();
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
  assert.equal((await scenario.store.pause(what))?.changed, true);
  assert.deepEqual(await scenario.leases(5), []);
  assert.equal((await scenario.store.resume(what))?.changed, true);
  assert.equal((await scenario.leases(5)).length, 2);
}

/** Wherever the job is read. */
async function isPausedBy(scenario: Scenario, jobId: string, pausedBy: readonly PausedBy[]): Promise<void> {
  const job = await scenario.job(jobId);
  assert.deepEqual([job.paused, job.pausedBy], [pausedBy.length > 0, pausedBy]);
  assert.deepEqual((await scenario.store.uploads(jobId))?.job, job);
  assert.deepEqual(
    (await scenario.store.list()).items.find(({ id }) => id === jobId),
    job,
  );
}
