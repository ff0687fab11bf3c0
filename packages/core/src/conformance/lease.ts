import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';
import type { Scenario } from './scenario.ts';

/** How leases end, and who still has a say then. */
export const lease: Area = {
  name: 'lease',
  rules: [
    rule('a lease holds its upload until it runs out', async (scenario) => {
      await scenario.create();
      await scenario.lease({ leaseMs: 5_000 });
      await scenario.elapse(30);
      assert.deepEqual(await scenario.leases(1), []);
    }),
    rule(
      'an expired lease can be claimed again, with a new token, and its attempt counts',
      async (scenario) => {
        const jobId = await scenario.create();
        const old = await scenario.expiredLease();
        const taken = await scenario.lease();
        assert.deepEqual([taken.jobId, taken.index, taken.url], [jobId, 0, old.url]);
        assert.ok(taken.token > old.token);
        assert.deepEqual([taken.attempt, taken.expiries, taken.jobStarted], [2, 1, false]);
        assert.equal((await scenario.upload(jobId)).attempts, 2);
        assert.equal((await scenario.store.stats()).totals.leasesExpired, 1);
      },
    ),
    rule('an expired lease is taken over by one only', async (scenario) => {
      await scenario.create();
      await scenario.expiredLease();
      const claims = await Promise.all([1, 2, 3].map(() => scenario.leases(1)));
      assert.equal(claims.flat().length, 1);
    }),
    rule('the new holder of an upload can extend, release and settle it', async (scenario) => {
      const { jobId, taken } = await takenOver(scenario);
      assert.deepEqual(await scenario.store.queue.extend([taken], 60_000), []);
      await scenario.release(taken);
      assert.deepEqual(await scenario.complete(await scenario.lease()), {
        status: 'settled',
        jobFinished: true,
        job: await scenario.job(jobId),
      });
    }),
    rule('the old holder of an upload can not settle it', async (scenario) => {
      const { jobId, old, taken } = await takenOver(scenario);
      assert.deepEqual(await scenario.complete(old), { status: 'lost', reason: 'replaced' });
      assert.equal((await scenario.upload(jobId)).status, 'claimed');
      await scenario.complete(taken, { link: 'https://links.example/new.png' });
      assert.deepEqual(await scenario.complete(old), { status: 'lost', reason: 'replaced' });
      assert.equal((await scenario.upload(jobId)).link, 'https://links.example/new.png');
      assert.deepEqual((await scenario.store.links()).items, ['https://links.example/new.png']);
      assert.equal((await scenario.store.stats()).totals.settlesLost, 2);
    }),
    rule('the old holder of an upload can not extend it', async (scenario) => {
      await scenario.create();
      const old = await scenario.expiredLease();
      await scenario.lease({ leaseMs: 30 });
      assert.deepEqual(await scenario.store.queue.extend([old], 60_000), [
        { lease: old, reason: 'replaced' },
      ]);
      await scenario.elapse(30);
      await scenario.lease();
    }),
    rule('the old holder of an upload can not release it', async (scenario) => {
      const { jobId, old } = await takenOver(scenario);
      await scenario.release(old);
      assert.deepEqual(await scenario.leases(1), []);
      assert.equal((await scenario.upload(jobId)).status, 'claimed');
    }),
    rule('an expired lease that nobody took over can still be settled by its holder', async (scenario) => {
      const jobId = await scenario.create(2);
      const late = await scenario.expiredLease();
      assert.equal((await scenario.complete(late)).status, 'settled');
      assert.deepEqual(
        (await scenario.leases(5)).map(({ index }) => index),
        [1],
      );
      assert.equal((await scenario.upload(jobId)).possiblyDuplicated, false);
    }),
    rule('an expired lease that a claim passed by can still be settled by its holder', async (scenario) => {
      await scenario.create(2);
      const leases = await scenario.leases(2, { leaseMs: 30 });
      await scenario.elapse(30);
      const taken = await scenario.lease();
      const passedBy = leases.find(({ index }) => index !== taken.index) ?? assert.fail();
      assert.equal((await scenario.complete(passedBy)).status, 'settled');
      assert.deepEqual(await scenario.leases(5), []);
    }),
    rule('an expired lease that nobody took over can be extended', async (scenario) => {
      await scenario.create();
      const late = await scenario.expiredLease();
      assert.deepEqual(await scenario.store.queue.extend([late], 60_000), []);
      assert.deepEqual(await scenario.leases(1), []);
      assert.equal((await scenario.complete(late)).status, 'settled');
    }),
    rule('extending holds a lease for another leaseMs from now', async (scenario) => {
      await scenario.create();
      const held = await scenario.lease({ leaseMs: 40 });
      assert.deepEqual(await scenario.store.queue.extend([held], 5_000), []);
      await scenario.elapse(40);
      assert.deepEqual(await scenario.leases(1), []);
      assert.equal((await scenario.complete(held)).status, 'settled');
    }),
    rule('an extended lease runs out too', async (scenario) => {
      await scenario.create();
      const held = await scenario.lease({ leaseMs: 30 });
      await scenario.store.queue.extend([held], 50);
      await scenario.elapse(50);
      assert.equal((await scenario.lease()).attempt, 2);
    }),
    rule('extend answers those that are no longer held, with the reason', async (scenario) => {
      await scenario.create(3);
      const [held, settled, released] = await scenario.leases(3);
      assert.ok(held && settled && released);
      await scenario.complete(settled);
      await scenario.release(released, { delayMs: 60_000 });
      const gone = { ...held, jobId: 'unknown' };
      const answers = await scenario.store.queue.extend([held, settled, released, gone], 60_000);
      assert.deepEqual(answers, [
        { lease: settled, reason: 'unknown' },
        { lease: released, reason: 'unknown' },
        { lease: gone, reason: 'unknown' },
      ]);
    }),
    rule(
      'after three expiries the upload ends as failed, code poison, and is reported in ended',
      async (scenario) => {
        const jobId = await scenario.create(2);
        await scenario.lease();
        for (let expiry = 0; expiry < 3; expiry += 1) await scenario.expiredLease();
        const { leases, ended } = await scenario.claim({ limit: 5 });
        const { failure, ...upload } = await scenario.upload(jobId, 1);
        assert.deepEqual(leases, []);
        assert.deepEqual([upload.status, failure?.code, upload.attempts], ['failed', 'poison', 3]);
        assert.ok(upload.finishedAt !== null);
        assert.deepEqual(ended, [
          { jobId, index: 1, url: upload.url, attempt: 3, failure, jobFinished: false },
        ]);
      },
    ),
    rule('the holder of an upload that ended as poison has lost it', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.expiredLease();
      await scenario.expiredLease();
      const last = await scenario.expiredLease();
      await scenario.claim();
      assert.deepEqual(await scenario.complete(last), { status: 'lost', reason: 'replaced' });
      assert.equal((await scenario.upload(jobId)).failure?.code, 'poison');
    }),
    rule('an upload that ended as poison can be retried, and its expiries begin anew', async (scenario) => {
      const jobId = await scenario.create();
      for (let expiry = 0; expiry < 3; expiry += 1) await scenario.expiredLease();
      await scenario.claim();
      await scenario.store.retry(jobId);
      const again = await scenario.lease();
      assert.deepEqual([again.attempt, again.runAttempt, again.expiries], [4, 1, 0]);
    }),
  ],
};

async function takenOver(scenario: Scenario) {
  const jobId = await scenario.create();
  const old = await scenario.expiredLease();
  return { jobId, old, taken: await scenario.lease() };
}
