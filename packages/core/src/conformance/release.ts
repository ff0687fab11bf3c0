import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';

const failure = { code: 'source_timeout', message: 'it took too long' } as const;

/** Leases that are given back unsettled. */
export const release: Area = {
  name: 'release',
  rules: [
    rule('a released upload can be claimed again, as a further attempt', async (scenario) => {
      const jobId = await scenario.create();
      const first = await scenario.lease();
      await scenario.release(first);
      assert.equal((await scenario.upload(jobId)).status, 'waiting');
      const second = await scenario.lease();
      assert.ok(second.token > first.token);
      assert.deepEqual([second.attempt, second.expiries], [2, 0]);
    }),
    rule('a released upload is not claimed before its delay has passed', async (scenario) => {
      await scenario.create(2);
      const [first, second] = await scenario.leases(2);
      assert.ok(first && second);
      await scenario.release(first, { delayMs: 60_000 });
      await scenario.release(second, { delayMs: 40 });
      await scenario.elapse(40);
      assert.deepEqual(
        (await scenario.leases(5)).map(({ index, attempt }) => [index, attempt]),
        [[1, 2]],
      );
    }),
    rule('an attempt that is not to count does not count', async (scenario) => {
      const jobId = await scenario.create();
      for (let drain = 0; drain < 5; drain += 1) {
        await scenario.release(await scenario.lease(), { countAttempt: false });
      }
      assert.equal((await scenario.upload(jobId)).attempts, 0);
      assert.equal((await scenario.lease()).attempt, 1);
    }),
    rule('what went wrong is kept as the last failure while it waits', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.release(await scenario.lease(), { failure });
      const upload = await scenario.upload(jobId);
      assert.deepEqual([upload.status, upload.failure, upload.attempts], ['waiting', failure, 1]);
    }),
    rule('what did not count is kept as the last failure, and neither told nor counted', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      const { store, signal } = scenario;
      const telling = scenario.read(store.events({ jobId, signal }), 2);
      await scenario.release(lease, { failure, countAttempt: false });
      const { status, failure: kept, attempts } = await scenario.upload(jobId);
      assert.deepEqual([status, kept, attempts], ['waiting', failure, 0]);
      assert.equal((await store.stats()).totals.uploadsRetried, 0);
      await scenario.complete(await scenario.lease());
      const types = (await telling).map(({ type }) => type);
      assert.deepEqual(types, ['upload:completed', 'job:finished']);
    }),
    rule('a later release without a failure keeps the one before', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.release(await scenario.lease(), { failure });
      await scenario.release(await scenario.lease(), { countAttempt: false });
      assert.deepEqual((await scenario.upload(jobId)).failure, failure);
    }),
    rule('a success leaves no failure behind', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.release(await scenario.lease(), { failure });
      await scenario.complete(await scenario.lease());
      assert.equal((await scenario.upload(jobId)).failure, null);
    }),
    rule('a released lease can not settle', async (scenario) => {
      const jobId = await scenario.create();
      const released = await scenario.lease();
      await scenario.release(released);
      assert.deepEqual(await scenario.complete(released), { status: 'lost', reason: 'unknown' });
      assert.equal((await scenario.upload(jobId)).status, 'waiting');
    }),
    rule('the same lease released twice changes nothing the second time', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      await scenario.release(lease, { failure });
      await scenario.release(lease, { failure, delayMs: 60_000, countAttempt: false });
      assert.equal((await scenario.upload(jobId)).attempts, 1);
      assert.equal((await scenario.lease()).attempt, 2);
      assert.equal((await scenario.store.stats()).totals.uploadsRetried, 1);
    }),
    rule('a lease that is no longer held is passed over, the others are given back', async (scenario) => {
      await scenario.create(2);
      const [settled, held] = await scenario.leases(2);
      assert.ok(settled && held);
      await scenario.complete(settled);
      const back = { delayMs: 0, countAttempt: true, posts: 0 };
      await scenario.store.queue.release([
        { ...back, lease: settled },
        { ...back, lease: { ...held, jobId: 'unknown' } },
        { ...back, lease: held },
      ]);
      assert.deepEqual(
        (await scenario.leases(5)).map(({ index }) => index),
        [1],
      );
    }),
    rule(
      'an expired lease can still be released by its holder, and its attempt need not count',
      async (scenario) => {
        await scenario.create();
        await scenario.release(await scenario.expiredLease(), { countAttempt: false });
        const again = await scenario.lease();
        assert.deepEqual([again.attempt, again.expiries], [1, 0]);
      },
    ),
  ],
};
