import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';

/** Jobs larger than any one step may be. */
export const largeJobs: Area = {
  name: 'large jobs',
  rules: [
    rule('a job of 10,000 uploads runs to its end', async (scenario) => {
      const jobId = await scenario.create(10_000);
      assert.equal(await scenario.completeAll(), 10_000);
      const job = await scenario.job(jobId);
      assert.deepEqual([job.status, job.complete], ['complete', 10_000]);
      const indexes = (await scenario.uploads(jobId)).map(({ index }) => index);
      assert.deepEqual(indexes, [...Array(10_000).keys()]);
      assert.equal((await scenario.store.links({ limit: 20_000 })).items.length, 10_000);
    }),
    rule('2,000 leases can be claimed, extended, released and settled in one call each', async (scenario) => {
      const jobId = await scenario.create(2_000);
      const leases = await scenario.leases(2_000);
      assert.equal(leases.length, 2_000);
      assert.deepEqual(await scenario.store.queue.extend(leases, 60_000), []);
      const back = { delayMs: 0, countAttempt: false, posts: 0 };
      await scenario.store.queue.release(leases.map((lease) => ({ lease, ...back })));
      const again = await scenario.leases(2_000);
      const outcome = { status: 'failed', failure: { code: 'source_tls', message: 'no' } } as const;
      const answers = await scenario.store.settle(again.map((lease) => ({ lease, outcome, posts: 0 })));
      assert.equal(answers.filter((answer) => answer.status === 'settled').length, 2_000);
      assert.equal((await scenario.job(jobId)).failed, 2_000);
    }),
    rule('a large job can be cancelled and retried', async (scenario) => {
      const jobId = await scenario.create(10_000);
      await scenario.leases(100);
      assert.equal((await scenario.store.cancel(jobId))?.job.failed, 10_000);
      const failed = (await scenario.uploads(jobId)).filter(({ status }) => status === 'failed');
      assert.equal(failed.length, 10_000);
      assert.equal((await scenario.store.retry(jobId))?.job.waiting, 10_000);
      assert.equal(await scenario.completeAll(), 10_000);
      assert.equal((await scenario.job(jobId)).status, 'complete');
    }),
    rule('some uploads of a large job can be retried', async (scenario) => {
      const jobId = await scenario.create(5_000);
      await scenario.store.cancel(jobId);
      const urls = (await scenario.uploads(jobId)).slice(1_000, 3_000).map(({ url }) => url);
      assert.equal((await scenario.store.retry(jobId, { urls }))?.job.waiting, 2_000);
      assert.equal(await scenario.completeAll(), 2_000);
      assert.equal((await scenario.job(jobId)).failed, 3_000);
    }),
    rule('pages by status lead to an upload at the end of a large job', async (scenario) => {
      const jobId = await scenario.create(12_000);
      const url = (await scenario.uploads(jobId)).at(-1)?.url ?? '';
      await scenario.store.cancel(jobId);
      await scenario.store.retry(jobId, { urls: [url] });
      const found: number[] = [];
      let cursor: string | undefined;
      do {
        const asked = { status: 'waiting', ...(cursor === undefined ? {} : { cursor }) } as const;
        const { items = [], next } = (await scenario.store.uploads(jobId, asked)) ?? {};
        found.push(...items.map(({ index }) => index));
        cursor = next;
      } while (cursor !== undefined);
      assert.deepEqual(found, [11_999]);
    }),
    rule('1,000 jobs side by side run to their ends', async (scenario) => {
      for (let count = 0; count < 1_000; count += 1) await scenario.create(2);
      assert.equal(await scenario.completeAll(), 2_000);
      assert.equal((await scenario.store.stats()).totals.jobsFinished, 1_000);
    }),
  ],
};
