import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';

/** Who may work. */
export const claim: Area = {
  name: 'claim',
  rules: [
    rule('no upload is held by two leases at a time, however many ask at once', async (scenario) => {
      await scenario.create(50);
      const claims = await Promise.all(Array.from({ length: 20 }, () => scenario.leases(5)));
      const indexes = claims.flat().map(({ index }) => index);
      assert.equal(indexes.length, 50);
      assert.equal(new Set(indexes).size, 50);
    }),
    rule('takes at most as many as asked for, in the order of the request', async (scenario) => {
      await scenario.create(5);
      assert.deepEqual(
        (await scenario.leases(2)).map(({ index }) => index),
        [0, 1],
      );
      assert.deepEqual(
        (await scenario.leases(9)).map(({ index }) => index),
        [2, 3, 4],
      );
      assert.deepEqual(await scenario.leases(9), []);
    }),
    rule('a lease says what to upload, and that this is the first attempt', async (scenario) => {
      const jobId = await scenario.create(['https://a.example/1']);
      const { token, ...lease } = await scenario.lease();
      assert.ok(Number.isSafeInteger(token) && token > 0);
      assert.deepEqual(lease, {
        jobId,
        index: 0,
        url: 'https://a.example/1',
        attempt: 1,
        runAttempt: 1,
        expiries: 0,
        possiblyDuplicated: false,
        jobStarted: true,
        options: {},
      });
    }),
    rule('a token grows with every claim', async (scenario) => {
      await scenario.create(3);
      const tokens = [await scenario.lease(), await scenario.lease(), await scenario.lease()].map(
        ({ token }) => token,
      );
      assert.deepEqual(
        tokens,
        [...tokens].sort((a, b) => a - b),
      );
      assert.equal(new Set(tokens).size, 3);
    }),
    rule('a lease that went through JSON is as good as before', async (scenario) => {
      await scenario.create(1, { metadata: { a: 1 } });
      const lease = JSON.parse(JSON.stringify(await scenario.lease()));
      assert.equal((await scenario.complete(lease)).status, 'settled');
    }),
    rule('the first claim of a job starts it, once in its life', async (scenario) => {
      const jobId = await scenario.create(3);
      const leases = await scenario.leases(2);
      assert.deepEqual(
        leases.map(({ jobStarted }) => jobStarted),
        [true, false],
      );
      const job = await scenario.job(jobId);
      assert.equal(job.status, 'in-progress');
      assert.ok(job.startedAt !== null && job.startedAt >= job.createdAt);
      for (const lease of [...leases, await scenario.lease()]) await scenario.fail(lease);
      await scenario.store.retry(jobId);
      assert.equal((await scenario.lease()).jobStarted, false);
    }),
    rule('what is claimed reads as claimed, with its attempt', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.lease();
      const upload = await scenario.upload(jobId);
      assert.deepEqual([upload.status, upload.attempts], ['claimed', 1]);
      assert.ok(upload.startedAt !== null);
    }),
    rule('jobs are taken in the order in which they came', async (scenario) => {
      const first = await scenario.create();
      const second = await scenario.create();
      assert.deepEqual(
        (await scenario.leases(2)).map(({ jobId }) => jobId),
        [first, second],
      );
    }),
    rule('a worker of one host gets nothing of another', async (scenario) => {
      const other = await scenario.create(1, { host: 'other-host' });
      assert.deepEqual(await scenario.leases(5), []);
      assert.equal((await scenario.lease({ host: 'other-host' })).jobId, other);
    }),
    rule('with nothing to claim and nothing to come it can not say when to look again', async (scenario) => {
      assert.deepEqual(await scenario.claim(), { leases: [], nextInMs: undefined, ended: [] });
    }),
    rule('says when to look again: when the next lease runs out', async (scenario) => {
      await scenario.create();
      const { nextInMs = 0 } = await scenario.claim({ leaseMs: 10_000 });
      assert.ok(nextInMs > 5_000 && nextInMs <= 10_000, `${nextInMs} ms`);
    }),
    rule('says when to look again: when the next retry is due', async (scenario) => {
      await scenario.create();
      await scenario.release(await scenario.lease(), { delayMs: 10_000 });
      const { nextInMs = 0 } = await scenario.claim();
      assert.ok(nextInMs > 5_000 && nextInMs <= 10_000, `${nextInMs} ms`);
    }),
    rule('while more can be claimed it says to look again at once', async (scenario) => {
      await scenario.create(2);
      const { nextInMs } = await scenario.claim();
      assert.ok(nextInMs !== undefined && nextInMs <= 10, `${nextInMs} ms`);
    }),
  ],
};
