import assert from 'node:assert/strict';

import type { JobFilter, PageOptions } from '../page.ts';
import { type Area, rule } from './rule.ts';
import type { Scenario } from './scenario.ts';

const brief = { store: { retentionMs: 50 } };

/** Which jobs a list has. */
export const filters: Area = {
  name: 'filters',
  rules: [
    rule('jobs can be listed by their status', async (scenario) => {
      const done = await scenario.create();
      await scenario.completeAll();
      const begun = await scenario.create(2);
      await scenario.lease();
      const again = await failedJob(scenario, 1, { host: 'other-host' });
      await scenario.store.retry(again);
      const cancelled = await scenario.create();
      await scenario.store.cancel(cancelled);
      const fresh = await scenario.create();
      assert.deepEqual(await listed(scenario, { status: 'pending' }), [fresh]);
      assert.deepEqual(await listed(scenario, { status: 'in-progress' }), [again, begun]);
      assert.deepEqual(await listed(scenario, { status: 'complete' }), [cancelled, done]);
    }),
    rule('jobs can be listed that have failed uploads now', async (scenario) => {
      const failed = await failedJob(scenario);
      const retried = await failedJob(scenario);
      await scenario.create();
      await scenario.completeAll();
      const cancelled = await scenario.create();
      await scenario.store.cancel(cancelled);
      assert.deepEqual(await listed(scenario, { failed: true }), [cancelled, retried, failed]);
      await scenario.store.retry(retried);
      assert.deepEqual(await listed(scenario, { failed: true }), [cancelled, failed]);
      await scenario.fail(await scenario.lease());
      assert.deepEqual(await listed(scenario, { failed: true }), [cancelled, retried, failed]);
    }),
    rule('jobs can be listed that are paused themselves, and not complete', async (scenario) => {
      const { store } = scenario;
      const jobId = await scenario.create();
      const resumed = await scenario.create();
      await scenario.create();
      await store.pause({ host: (await scenario.job(jobId)).host });
      await store.pause('queue');
      assert.deepEqual(await listed(scenario, { paused: true }), []);
      await store.pause({ jobId });
      await store.pause({ jobId: resumed });
      assert.deepEqual(await listed(scenario, { paused: true }), [resumed, jobId]);
      await store.resume({ jobId: resumed });
      assert.deepEqual(await listed(scenario, { paused: true }), [jobId]);
      await store.cancel(jobId);
      assert.deepEqual(await listed(scenario, { paused: true }), []);
      await store.retry(jobId);
      assert.deepEqual(await listed(scenario, { paused: true }), [jobId]);
    }),
    rule('jobs can be listed by when they were created', async (scenario) => {
      const jobs = await jobsOfSomeTimes(scenario, 9);
      const ids = jobs.map(({ id }) => id);
      for (const [place, { createdAt }] of jobs.entries()) {
        assert.deepEqual(await listed(scenario, { createdFrom: createdAt }), ids.slice(0, place + 1));
        assert.deepEqual(await listed(scenario, { createdBefore: createdAt }), ids.slice(place + 1));
        const within = { createdFrom: createdAt, createdBefore: createdAt + 1 };
        assert.deepEqual(await listed(scenario, within), [ids[place]]);
      }
      assert.deepEqual(await listed(scenario, { createdBefore: 0 }), []);
      assert.deepEqual(await listed(scenario, { createdFrom: Number.MAX_SAFE_INTEGER }), []);
    }),
    rule('all that is asked for has to hold', async (scenario) => {
      const { store } = scenario;
      const failedAndDone = await failedJob(scenario);
      const failedAndPaused = await failedJob(scenario, 2);
      await store.pause({ jobId: failedAndPaused });
      await scenario.elapse(1);
      const paused = await scenario.create();
      await store.pause({ jobId: paused });
      const { createdAt } = await scenario.job(paused);
      const both = { failed: true, paused: true } as const;
      assert.deepEqual(await listed(scenario, both), [failedAndPaused]);
      assert.deepEqual(await listed(scenario, { ...both, status: 'in-progress' }), [failedAndPaused]);
      assert.deepEqual(await listed(scenario, { ...both, status: 'complete' }), []);
      assert.deepEqual(await listed(scenario, { failed: true, status: 'complete' }), [failedAndDone]);
      assert.deepEqual(await listed(scenario, { paused: true, status: 'pending' }), [paused]);
      assert.deepEqual(await listed(scenario, { paused: true, createdBefore: createdAt }), [failedAndPaused]);
      assert.deepEqual(await listed(scenario, { ...both, createdFrom: createdAt }), []);
    }),
    rule('pages with a filter give each job once, whatever is created meanwhile', async (scenario) => {
      const failed: string[] = [];
      for (let count = 0; count < 7; count += 1) {
        failed.push(await failedJob(scenario));
        await scenario.store.cancel(await scenario.create(1, { host: 'other-host' }));
        await scenario.create(1, { host: 'other-host' });
      }
      const seen: string[] = [];
      const page = { failed: true, limit: 2 } as const;
      await eachPage(scenario, page, async (ids) => {
        assert.ok(ids.length <= 2);
        seen.push(...ids);
        await failedJob(scenario);
      });
      assert.equal(new Set(seen).size, seen.length);
      assert.equal(seen.length, 14);
      assert.deepEqual(
        seen.filter((id) => failed.includes(id)),
        failed.reverse(),
      );
    }),
    rule('a job whose facts change while pages are read is on at most one of them', async (scenario) => {
      for (let count = 0; count < 6; count += 1) await failedJob(scenario);
      const seen: string[] = [];
      await eachPage(scenario, { failed: true, limit: 2 }, async (ids) => {
        seen.push(...ids);
        for (const id of seen) await scenario.store.retry(id);
        for (const lease of await scenario.leases(10)) await scenario.fail(lease);
      });
      assert.equal(seen.length, 6);
      assert.equal(new Set(seen).size, 6);
    }),
    rule('a cursor is a position, and good for any filter', async (scenario) => {
      const older = await scenario.create();
      const failed = await failedJob(scenario, 1, { host: 'other-host' });
      await scenario.create();
      const { next = assert.fail() } = await scenario.store.list({ limit: 1 });
      assert.deepEqual(await listed(scenario, { failed: true, cursor: next }), [failed]);
      assert.deepEqual(await listed(scenario, { status: 'pending', cursor: next }), [older]);
      assert.deepEqual(await listed(scenario, { createdFrom: 1, cursor: next }), [failed, older]);
    }),
    rule(
      'a job that is forgotten is in no list, and its id is listed as the job that has it next',
      async (scenario) => {
        const id = await failedJob(scenario);
        await scenario.store.pause({ jobId: id });
        await scenario.elapse(50);
        for (const filter of everyFilter) assert.deepEqual(await listed(scenario, filter), []);
        await scenario.create(1, { id });
        assert.deepEqual(await listed(scenario, { failed: true }), []);
        assert.deepEqual(await listed(scenario, { paused: true }), []);
        assert.deepEqual(await listed(scenario, { status: 'pending' }), [id]);
      },
      brief,
    ),
  ],
};

const everyFilter: readonly JobFilter[] = [
  {},
  { status: 'pending' },
  { status: 'in-progress' },
  { status: 'complete' },
  { failed: true },
  { paused: true },
  { createdFrom: 1 },
  { createdBefore: Number.MAX_SAFE_INTEGER },
];

/** A job of which one upload, the only one that is claimed, has failed. */
async function failedJob(
  scenario: Scenario,
  urls: number = 1,
  more: { readonly host?: string } = {},
): Promise<string> {
  const jobId = await scenario.create(urls, more);
  const leases = await scenario.leases(100, more);
  for (const lease of leases) {
    if (lease.jobId === jobId && lease.index === 0) await scenario.fail(lease);
    else await scenario.release(lease, { countAttempt: false });
  }
  return jobId;
}

/** Jobs that were created at different times, newest first. */
async function jobsOfSomeTimes(
  scenario: Scenario,
  count: number,
): Promise<{ readonly id: string; readonly createdAt: number }[]> {
  const jobs: { readonly id: string; readonly createdAt: number }[] = [];
  for (let place = 0; place < count; place += 1) {
    jobs.unshift(await scenario.job(await scenario.create()));
    await scenario.elapse(1);
  }
  return jobs;
}

/** The ids of all jobs that a filter has, over all pages. */
async function listed(scenario: Scenario, page: PageOptions & JobFilter): Promise<readonly string[]> {
  const found: string[] = [];
  await eachPage(scenario, page, async (ids) => {
    found.push(...ids);
  });
  return found;
}

async function eachPage(
  scenario: Scenario,
  page: PageOptions & JobFilter,
  take: (ids: readonly string[]) => Promise<void>,
): Promise<void> {
  let next: string | undefined = page.cursor;
  let pages = 0;
  do {
    const cursor: string | undefined = next;
    const found = await scenario.store.list({ ...page, ...(cursor === undefined ? {} : { cursor }) });
    await take(found.items.map(({ id }) => id));
    next = found.next;
    pages += 1;
    assert.ok(pages < 50, 'the pages come to an end');
  } while (next !== undefined);
}
