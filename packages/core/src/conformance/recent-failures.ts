import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';
import { HOST, newJob, type Scenario } from './scenario.ts';

const brief = { store: { retentionMs: 20 } };
const failure = { code: 'too_large', message: 'too large' } as const;

/** Fails so many uploads of a job, all in one step. */
async function failAll(scenario: Scenario, count: number): Promise<void> {
  const leases = await scenario.leases(count);
  assert.equal(leases.length, count);
  const ordered = leases.toSorted((a, b) => a.index - b.index);
  await scenario.store.settle(
    ordered.map((lease) => ({ lease, outcome: { status: 'failed', failure }, posts: 0 })),
  );
}

/** The uploads that failed last. */
export const recentFailures: Area = {
  name: 'recent failures',
  rules: [
    rule('nothing has failed in an empty store', async ({ store }) => {
      assert.deepEqual(await store.recentFailures(), []);
    }),
    rule('the uploads that failed last are told, newest first', async (scenario) => {
      const [one, other] = [await scenario.create(2), await scenario.create(1, { host: 'other-host' })];
      const [first, second] = await scenario.leases(2);
      assert.ok(first && second);
      await scenario.fail(first, 'too_large');
      await scenario.complete(second);
      await scenario.fail(await scenario.lease({ host: 'other-host' }), 'source_status');
      const found = await scenario.store.recentFailures();
      const newest = { code: 'source_status', message: 'it was source_status' };
      const oldest = { code: 'too_large', message: 'it was too_large' };
      const url = (index: number) => `https://pictures.example/${index}.png`;
      assert.deepEqual(
        found.map(({ at: _, ...rest }) => rest),
        [
          { jobId: other, index: 0, url: url(0), host: 'other-host', failure: newest },
          { jobId: one, index: first.index, url: url(first.index), host: HOST, failure: oldest },
        ],
      );
      assert.equal(found[0]?.at, (await scenario.upload(other)).finishedAt);
      assert.equal(found[1]?.at, (await scenario.upload(one, first.index)).finishedAt);
    }),
    rule('no more are told than are asked for, and 100 when nothing is said', async (scenario) => {
      await scenario.create(120);
      await failAll(scenario, 120);
      const indexes = async (limit?: number) =>
        (await scenario.store.recentFailures(limit === undefined ? {} : { limit })).map(({ index }) => index);
      assert.deepEqual(await indexes(3), [119, 118, 117]);
      assert.equal((await indexes()).length, 100);
    }),
    rule('at least the last 1,000 can be asked for', async (scenario) => {
      await scenario.create(1_050);
      await failAll(scenario, 700);
      await failAll(scenario, 350);
      const found = await scenario.store.recentFailures({ limit: 1_000 });
      assert.deepEqual(
        found.map(({ index }) => index),
        Array.from({ length: 1_000 }, (_, place) => 1_049 - place),
      );
    }),
    rule('a cancel fails none that would be among them', async (scenario) => {
      const jobId = await scenario.create(3);
      await scenario.fail(await scenario.lease());
      await scenario.lease();
      await scenario.store.cancel(jobId);
      assert.equal((await scenario.store.recentFailures()).length, 1);
    }),
    rule('an upload that ends with its third lease is among them', async (scenario) => {
      const jobId = await scenario.create();
      for (let expiry = 0; expiry < 3; expiry += 1) await scenario.expiredLease();
      const [ended] = (await scenario.claim()).ended;
      assert.ok(ended);
      const [found] = await scenario.store.recentFailures();
      assert.deepEqual([found?.jobId, found?.failure], [jobId, ended.failure]);
    }),
    rule(
      'an upload that was retried since is told as it failed, and again when it fails again',
      async (scenario) => {
        const jobId = await scenario.create();
        await scenario.fail(await scenario.lease(), 'too_large');
        await scenario.store.retry(jobId);
        const codes = async () => (await scenario.store.recentFailures()).map((each) => each.failure.code);
        assert.deepEqual(await codes(), ['too_large']);
        await scenario.fail(await scenario.lease(), 'source_status');
        assert.deepEqual(await codes(), ['source_status', 'too_large']);
      },
    ),
    rule('a failure that is sent again is told once, and one that is lost not at all', async (scenario) => {
      const jobId = await scenario.create(2);
      const [first, second] = await scenario.leases(2);
      assert.ok(first && second);
      await scenario.fail(first);
      await scenario.fail(first);
      await scenario.store.cancel(jobId);
      await scenario.fail(second);
      assert.equal((await scenario.store.recentFailures()).length, 1);
    }),
    rule('what is only tried again is not among them', async (scenario) => {
      await scenario.create();
      await scenario.release(await scenario.lease(), { failure });
      assert.deepEqual(await scenario.store.recentFailures(), []);
    }),
    rule(
      'nothing is told of a job that is unknown by now, nor of a job that has its id',
      async (scenario) => {
        const kept = await scenario.create(2);
        const [first] = await scenario.leases(1);
        assert.ok(first);
        await scenario.fail(first);
        const job = newJob(1, { host: 'other-host' });
        await scenario.store.create(job);
        await scenario.fail(await scenario.lease({ host: 'other-host' }));
        await scenario.elapse(50);
        const ids = async () => (await scenario.store.recentFailures()).map(({ jobId }) => jobId);
        assert.deepEqual(await ids(), [kept]);
        await scenario.store.create(job);
        assert.deepEqual(await ids(), [kept]);
      },
      brief,
    ),
  ],
};
