import assert from 'node:assert/strict';

import type { Lease } from '../lease.ts';
import type { LeaseProgress, ProgressEnd, UploadProgress } from '../upload-progress.ts';
import { type Area, rule } from './rule.ts';
import type { Scenario } from './scenario.ts';
import { endsWithin } from './within.ts';

/** How far uploads are. */
export const progress: Area = {
  name: 'progress',
  rules: [
    rule('how far an upload is, is told to all who hear the progress of its job', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      const { createdAt } = await scenario.job(jobId);
      const all = [await hear(scenario, jobId), await hear(scenario, jobId)];
      await scenario.store.tellProgress([of(lease, 7)]);
      for (const told of all) {
        const [first] = await told.until(1);
        assert.ok(first !== undefined && first.at >= createdAt);
        const { index, url, attempt } = lease;
        const facts = { jobId, index, url, attempt, sentBytes: 7, totalBytes: 100, at: first.at };
        assert.deepEqual(first, facts);
      }
    }),
    rule('one call tells of uploads of many jobs, and each job is heard by itself', async (scenario) => {
      const jobs = [await scenario.create(2), await scenario.create(2)] as const;
      const leases = await scenario.leases(4);
      const heard = [await hear(scenario, jobs[0]), await hear(scenario, jobs[1])];
      await scenario.store.tellProgress(leases.map((lease) => of(lease, lease.index + 1)));
      await scenario.store.tellProgress(leases.map((lease) => of(lease, lease.index + 11)));
      for (const [place, told] of heard.entries()) {
        const all = await told.until(4);
        assert.ok(all.every(({ jobId }) => jobId === jobs[place]));
        assert.deepEqual(all.map(({ sentBytes }) => sentBytes).sort(byNumber), [1, 2, 11, 12]);
      }
    }),
    rule('of a lease that is no longer held nothing is told', async (scenario) => {
      const jobId = await scenario.create(4);
      const told = await hear(scenario, jobId);
      const old = await scenario.expiredLease();
      const taken = await scenario.lease();
      const [settled, released] = await scenario.leases(2);
      assert.ok(settled && released);
      await scenario.complete(settled);
      await scenario.release(released, { delayMs: 60_000 });
      const unknown = { ...taken, jobId: 'a job that nobody knows' };
      await scenario.store.tellProgress([old, settled, released, unknown].map((lease) => of(lease, 1)));
      await scenario.store.tellProgress([of(taken, 2)]);
      assert.deepEqual((await told.until(1)).map(bytesOf), [[taken.index, 2]]);
    }),
    rule(
      'that a lease is given back is heard after what was told of it, by those of its job',
      async (scenario) => {
        const [jobId] = [await scenario.create(), await scenario.create()];
        const [told, leases] = [await hear(scenario, jobId), await scenario.leases(2)];
        const failure = { code: 'source_busy', message: 'no turn' } as const;
        // The other job's first, so that what is heard of it by mistake is heard by then.
        for (const lease of leases.toSorted(({ jobId: id }) => (id === jobId ? 1 : -1))) {
          await scenario.store.tellProgress([of(lease, 100)]);
          await scenario.release(lease, { countAttempt: false, failure });
        }
        await told.untilEnded();
        const [[end, ...others], [first]] = [told.ended, told.heard];
        assert.ok(end !== undefined && first !== undefined && end.at >= first.at);
        assert.deepEqual(end, { jobId, index: 0, at: end.at, heardBefore: 1 });
        assert.deepEqual(others, []);
      },
    ),
    rule('of a job that was cancelled nothing is told', async (scenario) => {
      const jobId = await scenario.create();
      const cancelled = await scenario.lease();
      const told = await hear(scenario, jobId);
      await scenario.store.cancel(jobId);
      await scenario.store.tellProgress([of(cancelled, 1)]);
      await scenario.store.retry(jobId);
      const again = await scenario.lease();
      await scenario.store.tellProgress([of(cancelled, 2), of(again, 3)]);
      assert.deepEqual((await told.until(1)).map(bytesOf), [[0, 3]]);
    }),
    rule('nothing of it is kept: who hears later is told what comes then', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      const before = await scenario.upload(jobId);
      const first = await hear(scenario, jobId);
      await scenario.store.tellProgress([of(lease, 1)]);
      await first.until(1);
      const later = await hear(scenario, jobId);
      await scenario.store.tellProgress([of(lease, 2)]);
      assert.deepEqual((await later.until(1)).map(bytesOf), [[0, 2]]);
      assert.deepEqual(await scenario.upload(jobId), before);
    }),
    rule('nothing is heard any more once the signal aborts', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      const [enough, stays] = [new AbortController(), await hear(scenario, jobId)];
      const left = await hear(scenario, jobId, enough.signal);
      const never = await hear(scenario, jobId, AbortSignal.abort());
      await scenario.store.tellProgress([of(lease, 1)]);
      await Promise.all([left.until(1), stays.until(1)]);
      enough.abort();
      await scenario.store.tellProgress([of(lease, 2)]);
      await stays.until(2);
      // Those who are told of it are told at once.
      assert.deepEqual([left.heard.length, never.heard.length], [1, 0]);
      const back = await hear(scenario, jobId);
      await scenario.store.tellProgress([of(lease, 3)]);
      assert.deepEqual((await back.until(1)).map(bytesOf), [[0, 3]]);
    }),
    rule('a job that is not known yet can be heard', async (scenario) => {
      const told = await hear(scenario, 'a-job-to-come');
      await scenario.create(1, { id: 'a-job-to-come' });
      await scenario.store.tellProgress([of(await scenario.lease(), 5)]);
      assert.deepEqual((await told.until(1)).map(bytesOf), [[0, 5]]);
    }),
    rule('progress with a count that is no number is refused', async (scenario) => {
      await scenario.create();
      const lease = await scenario.lease();
      for (const wrong of [
        { sentBytes: Number.NaN },
        { totalBytes: -1 },
        { lease: { ...lease, token: 0.5 } },
      ])
        await assert.rejects(scenario.store.tellProgress([{ ...of(lease, 1), ...wrong }]));
      await scenario.store.tellProgress([]);
    }),
    rule('closing ends it, for those who wait until they hear as well', async (scenario) => {
      scenario.isClosed = true;
      const heard = (): void => assert.fail('a store that was closed tells nothing');
      const { signal } = scenario;
      const hearing = scenario.store.hearProgress({ jobId: 'job', signal, heard, ended: heard });
      await scenario.store.close();
      assert.ok(await endsWithin(hearing));
    }),
  ],
};

function of(lease: Lease, sentBytes: number): LeaseProgress {
  return { lease, sentBytes, totalBytes: 100 };
}

function bytesOf({ index, sentBytes }: UploadProgress): readonly number[] {
  return [index, sentBytes];
}

function byNumber(a: number, b: number): number {
  return a - b;
}

/** What is heard of a job's progress, from now on. */
async function hear(scenario: Scenario, jobId: string, signal: AbortSignal = scenario.signal) {
  const heard: UploadProgress[] = [];
  const ended: (ProgressEnd & { readonly heardBefore: number })[] = [];
  let more = Promise.withResolvers<void>();
  const wake = (): void => {
    more.resolve();
    more = Promise.withResolvers();
  };
  await scenario.store.hearProgress({
    jobId,
    signal,
    heard: (each) => {
      heard.push(each);
      wake();
    },
    ended: (end) => {
      ended.push({ ...end, heardBefore: heard.length });
      wake();
    },
  });
  /** What was heard once that is so much. */
  const until = async (count: number): Promise<readonly UploadProgress[]> => {
    while (heard.length < count)
      assert.ok(await endsWithin(more.promise), `heard ${heard.length} of ${count}`);
    return heard;
  };
  const untilEnded = async (): Promise<void> => {
    while (ended.length === 0) assert.ok(await endsWithin(more.promise), 'heard of no end');
  };
  return { heard, ended, until, untilEnded };
}
