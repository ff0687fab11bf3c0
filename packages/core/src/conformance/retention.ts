import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';
import { linkOf, newJob } from './scenario.ts';

const brief = { store: { retentionMs: 50 } };
/** For rules that have to do something before it is over, on a machine that may be busy. */
const longer = { store: { retentionMs: 300 } };
const idempotency = { key: 'key', fingerprint: 'print', ttlMs: 60_000 };

/** How long things are kept. */
export const retention: Area = {
  name: 'retention',
  rules: [
    rule(
      'a finished job is kept for the retention, then it is unknown',
      async (scenario) => {
        const jobId = await scenario.create();
        await scenario.completeAll();
        assert.equal((await scenario.job(jobId)).status, 'complete');
        await scenario.elapse(300);
        const { store } = scenario;
        assert.equal(await store.get(jobId), undefined);
        assert.equal(await store.uploads(jobId), undefined);
        assert.equal(await store.cancel(jobId), undefined);
        assert.equal(await store.retry(jobId), undefined);
        assert.equal(await store.pause({ jobId }), undefined);
        assert.deepEqual((await store.list()).items, []);
      },
      longer,
    ),
    rule(
      'so are the leases that a cancel took from it',
      async (scenario) => {
        const jobId = await scenario.create();
        const lease = await scenario.lease();
        await scenario.store.cancel(jobId);
        await scenario.elapse(50);
        const unknown = { status: 'lost', reason: 'unknown' };
        assert.deepEqual(await scenario.complete(lease), unknown);
        assert.deepEqual(await scenario.complete(lease), unknown, 'and again');
      },
      brief,
    ),
    rule(
      'its links stay in links',
      async (scenario) => {
        await scenario.create();
        const lease = await scenario.lease();
        await scenario.complete(lease);
        await scenario.elapse(50);
        assert.deepEqual((await scenario.store.links()).items, [linkOf(lease)]);
      },
      brief,
    ),
    rule(
      'its deletehashes go with it',
      async (scenario) => {
        const jobId = await scenario.create();
        await scenario.complete(await scenario.lease(), { deleteHash: 'secret' });
        assert.equal((await scenario.store.deleteHashes(jobId)).length, 1);
        await scenario.elapse(300);
        assert.deepEqual(await scenario.store.deleteHashes(jobId), []);
      },
      longer,
    ),
    rule(
      'a job that is not finished is kept',
      async (scenario) => {
        const jobId = await scenario.create(2);
        await scenario.complete(await scenario.lease());
        await scenario.elapse(50);
        assert.equal((await scenario.job(jobId)).complete, 1);
      },
      brief,
    ),
    rule(
      'a retry keeps a job that would have been forgotten',
      async (scenario) => {
        const jobId = await scenario.create();
        await scenario.fail(await scenario.lease());
        await scenario.store.retry(jobId);
        await scenario.elapse(300);
        assert.equal((await scenario.job(jobId)).waiting, 1);
        const lease = await scenario.lease();
        assert.equal((await scenario.complete(lease)).status, 'settled');
        await scenario.elapse(300);
        assert.equal(await scenario.store.get(jobId), undefined);
      },
      longer,
    ),
    rule(
      'a cancelled job is forgotten as any other',
      async (scenario) => {
        const jobId = await scenario.create(3);
        await scenario.lease();
        await scenario.store.cancel(jobId);
        await scenario.elapse(50);
        assert.equal(await scenario.store.get(jobId), undefined);
        assert.deepEqual(await scenario.leases(3), []);
      },
      brief,
    ),
    rule(
      'a job is kept at least as long as its idempotency key',
      async (scenario) => {
        const job = newJob(1, { idempotency });
        await scenario.store.create(job);
        await scenario.completeAll();
        await scenario.elapse(50);
        assert.equal((await scenario.job(job.id)).status, 'complete');
        const again = await scenario.store.create(newJob(1, { idempotency }));
        assert.equal(again.status === 'existing' && again.job.id, job.id);
      },
      brief,
    ),
    rule(
      'the id of a job that is unknown by now can be used again',
      async (scenario) => {
        const job = newJob(1);
        await scenario.store.create(job);
        await scenario.completeAll();
        await scenario.elapse(50);
        assert.equal((await scenario.store.create(job)).status, 'created');
        assert.equal((await scenario.job(job.id)).status, 'pending');
      },
      brief,
    ),
    rule(
      'a job that uses an id again has nothing to do with leases of the one before',
      async (scenario) => {
        const job = newJob(2);
        await scenario.store.create(job);
        const [shown] = await scenario.leases(2, { leaseMs: 30 });
        assert.ok(shown);
        await scenario.store.cancel(job.id);
        await scenario.elapse(50);
        await scenario.store.create(job);
        assert.equal((await scenario.complete(shown, { possiblyDuplicated: true })).status, 'lost');
        assert.deepEqual(
          (await scenario.leases(9)).map((lease) => [lease.index, lease.attempt, lease.possiblyDuplicated]),
          [
            [0, 1, false],
            [1, 1, false],
          ],
        );
      },
      brief,
    ),
    rule(
      'settling a lease of a job that is unknown by now answers unknown',
      async (scenario) => {
        await scenario.create();
        const lease = await scenario.lease();
        await scenario.complete(lease);
        await scenario.elapse(50);
        assert.deepEqual(await scenario.complete(lease), { status: 'lost', reason: 'unknown' });
      },
      brief,
    ),
    rule(
      'many jobs that end at once are all forgotten',
      async (scenario) => {
        for (let count = 0; count < 250; count += 1) await scenario.create();
        await scenario.completeAll();
        await scenario.elapse(50);
        assert.deepEqual((await scenario.store.list({ limit: 1_000 })).items, []);
      },
      brief,
    ),
  ],
};
