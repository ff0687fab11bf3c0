import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';

/** Images that the host may hold twice. */
export const duplicates: Area = {
  name: 'possibly duplicated',
  rules: [
    rule('what its outcome says may be there twice is marked and counted', async (scenario) => {
      const jobId = await scenario.create(2);
      await scenario.complete(await scenario.lease(), { possiblyDuplicated: true });
      await scenario.complete(await scenario.lease());
      assert.equal((await scenario.upload(jobId, 0)).possiblyDuplicated, true);
      assert.equal((await scenario.upload(jobId, 1)).possiblyDuplicated, false);
      assert.equal((await scenario.job(jobId)).possiblyDuplicated, 1);
      assert.equal((await scenario.store.stats()).totals.possiblyDuplicated, 1);
    }),
    rule('what a release says may be there stays with the upload for good', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.release(await scenario.lease(), { possiblyDuplicated: true, posts: 1 });
      await scenario.release(await scenario.lease());
      assert.equal((await scenario.upload(jobId)).possiblyDuplicated, true);
      assert.equal((await scenario.job(jobId)).possiblyDuplicated, 0);
      await scenario.complete(await scenario.lease());
      assert.equal((await scenario.upload(jobId)).possiblyDuplicated, true);
      assert.equal((await scenario.job(jobId)).possiblyDuplicated, 1);
    }),
    rule('a lease says whether its upload may be there already', async (scenario) => {
      await scenario.create();
      const first = await scenario.lease();
      await scenario.release(first, { possiblyDuplicated: true, posts: 1 });
      const second = await scenario.lease();
      assert.deepEqual([first.possiblyDuplicated, second.possiblyDuplicated], [false, true]);
    }),
    rule('a lease says so too when the one before it ran out', async (scenario) => {
      await scenario.create();
      await scenario.expiredLease();
      assert.equal((await scenario.lease()).possiblyDuplicated, true);
    }),
    rule('what an outcome that comes after a cancel says may be there twice is marked', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      await scenario.store.cancel(jobId);
      await scenario.complete(lease, { possiblyDuplicated: true });
      assert.equal((await scenario.upload(jobId)).possiblyDuplicated, true);
      assert.equal((await scenario.job(jobId)).possiblyDuplicated, 0);
    }),
    rule('what a last attempt that failed may have left there stays with the upload', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.fail(await scenario.lease(), 'host_reply_lost', { possiblyDuplicated: true });
      assert.equal((await scenario.upload(jobId)).possiblyDuplicated, true);
      assert.equal((await scenario.job(jobId)).possiblyDuplicated, 0);
      await scenario.store.retry(jobId);
      await scenario.complete(await scenario.lease());
      assert.equal((await scenario.upload(jobId)).possiblyDuplicated, true);
      assert.equal((await scenario.job(jobId)).possiblyDuplicated, 1);
      assert.equal((await scenario.store.stats()).totals.possiblyDuplicated, 1);
    }),
    rule('so does what a failure that comes after a cancel may have left there', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      await scenario.store.cancel(jobId);
      await scenario.fail(lease, 'host_reply_lost', { possiblyDuplicated: true });
      assert.equal((await scenario.upload(jobId)).possiblyDuplicated, true);
    }),
    rule('an upload whose holder died may be there twice', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.expiredLease();
      await scenario.complete(await scenario.lease());
      assert.equal((await scenario.upload(jobId)).possiblyDuplicated, true);
      assert.equal((await scenario.job(jobId)).possiblyDuplicated, 1);
    }),
    rule(
      'it is counted of complete uploads only, and stays through a failure and a retry',
      async (scenario) => {
        const jobId = await scenario.create();
        await scenario.expiredLease();
        await scenario.fail(await scenario.lease());
        assert.equal((await scenario.job(jobId)).possiblyDuplicated, 0);
        await scenario.store.retry(jobId);
        await scenario.complete(await scenario.lease());
        assert.equal((await scenario.job(jobId)).possiblyDuplicated, 1);
      },
    ),
  ],
};
