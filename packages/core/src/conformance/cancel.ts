import assert from 'node:assert/strict';

import { client, countsOf, observe, reads, scope } from './budget-steps.ts';
import { type Area, rule } from './rule.ts';
import { linkOf } from './scenario.ts';

/** Cancelling a job. */
export const cancel: Area = {
  name: 'cancel',
  rules: [
    rule('a cancelled job reads at once as complete, with what was unsettled as failed', async (scenario) => {
      const jobId = await scenario.create(5);
      const [done, bad] = await scenario.leases(3);
      assert.ok(done && bad);
      await scenario.complete(done);
      await scenario.fail(bad);
      const { job, jobFinished } = (await scenario.store.cancel(jobId)) ?? assert.fail();
      assert.equal(jobFinished, true);
      assert.deepEqual([job.status, job.cancelled, job.complete, job.failed], ['complete', true, 1, 4]);
      assert.ok(job.finishedAt !== null);
      assert.deepEqual(await scenario.job(jobId), job);
      assert.deepEqual(
        (await scenario.uploads(jobId)).map(({ failure }) => failure?.code),
        [undefined, 'source_status', 'cancelled', 'cancelled', 'cancelled'],
      );
    }),
    rule(
      'a lease that ran out before its job was cancelled gives back what it took of the budget',
      async (scenario) => {
        const jobId = await scenario.create(1);
        await observe(scenario, { [client]: 5 });
        assert.equal((await scenario.leases(1, { budget: scope, leaseMs: 40 })).length, 1);
        await scenario.store.pause({ jobId });
        await scenario.elapse(60);
        await scenario.leases(1, { budget: scope, leaseMs: 40 });
        await scenario.store.cancel(jobId);
        await scenario.leases(1, { budget: scope, leaseMs: 40 });
        await reads(scenario, ({ buckets }) => assert.deepEqual(countsOf(buckets), [[4, 0]]));
      },
    ),
    rule('what is cancelled has ended at that time', async (scenario) => {
      const jobId = await scenario.create(2);
      await scenario.lease();
      await scenario.store.cancel(jobId);
      const { finishedAt } = await scenario.job(jobId);
      for (const upload of await scenario.uploads(jobId)) assert.equal(upload.finishedAt, finishedAt);
    }),
    rule('links that were recorded stay, in their order', async (scenario) => {
      const jobId = await scenario.create(3);
      const [first, second] = await scenario.leases(2);
      assert.ok(first && second);
      await scenario.complete(second);
      await scenario.complete(first);
      await scenario.store.cancel(jobId);
      assert.deepEqual((await scenario.store.links()).items, [linkOf(second), linkOf(first)]);
      assert.equal((await scenario.upload(jobId, 0)).link, linkOf(first));
    }),
    rule('leases of a cancelled job are lost as cancelled', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      await scenario.store.cancel(jobId);
      const lost = { status: 'lost', reason: 'cancelled' };
      assert.deepEqual(await scenario.store.queue.extend([lease], 60_000), [{ lease, reason: 'cancelled' }]);
      assert.deepEqual(await scenario.complete(lease), lost);
      assert.deepEqual(await scenario.complete(lease), lost, 'and again');
      await scenario.release(lease);
      assert.equal((await scenario.upload(jobId)).failure?.code, 'cancelled');
      assert.deepEqual((await scenario.store.links()).items, []);
    }),
    rule(
      'nothing of a cancelled job is claimed: not what waited, not a retry, not an expired lease',
      async (scenario) => {
        const jobId = await scenario.create(4);
        await scenario.release(await scenario.lease());
        await scenario.release(await scenario.lease(), { delayMs: 30 });
        await scenario.lease({ leaseMs: 30 });
        await scenario.store.cancel(jobId);
        await scenario.elapse(30);
        const { leases, ended } = await scenario.claim({ limit: 10 });
        assert.deepEqual([leases, ended], [[], []]);
      },
    ),
    rule('cancelling a complete job changes nothing', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.complete(await scenario.lease());
      const before = await scenario.job(jobId);
      assert.deepEqual(await scenario.store.cancel(jobId), { job: before, jobFinished: false });
    }),
    rule('cancelling twice is cancelling once', async (scenario) => {
      const jobId = await scenario.create(2);
      const first = await scenario.store.cancel(jobId);
      const second = await scenario.store.cancel(jobId);
      assert.deepEqual(second, { job: first?.job, jobFinished: false });
      const { totals } = await scenario.store.stats();
      assert.deepEqual([totals.jobsFinished, totals.uploadsFailed], [1, 2]);
    }),
    rule('of a cancel and the last settle one finishes the job', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      const [settlement, cancelled] = await Promise.all([
        scenario.complete(lease),
        scenario.store.cancel(jobId),
      ]);
      const bySettle = settlement.status === 'settled' && settlement.jobFinished;
      assert.equal(Number(bySettle) + Number(cancelled?.jobFinished), 1);
    }),
    rule('a job that never started can be cancelled', async (scenario) => {
      const jobId = await scenario.create(3);
      await scenario.store.cancel(jobId);
      const job = await scenario.job(jobId);
      assert.deepEqual([job.status, job.startedAt, job.failed], ['complete', null, 3]);
    }),
    rule('other jobs go on', async (scenario) => {
      const jobId = await scenario.create(3);
      const other = await scenario.create(3);
      await scenario.store.cancel(jobId);
      assert.deepEqual(
        (await scenario.leases(9)).map((lease) => lease.jobId),
        [other, other, other],
      );
    }),
  ],
};
