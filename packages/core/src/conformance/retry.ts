import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';
import { type Scenario, urlsOf } from './scenario.ts';

const urls = ['https://a.example/0', 'https://a.example/1', 'https://a.example/2', 'https://a.example/3'];

/** Running failed uploads once more. */
export const retry: Area = {
  name: 'retry',
  rules: [
    rule(
      'a retried job is in progress again, finishedAt null, and its failed uploads wait',
      async (scenario) => {
        const jobId = await finished(scenario);
        const { status, job } = (await scenario.store.retry(jobId)) ?? assert.fail();
        assert.equal(status, 'retried');
        assert.deepEqual([job.status, job.finishedAt], ['in-progress', null]);
        assert.deepEqual([job.waiting, job.complete, job.failed], [3, 1, 0]);
        assert.deepEqual(
          (await scenario.leases(9)).map(({ index }) => index),
          [1, 2, 3],
        );
      },
    ),
    rule(
      'their count of attempts goes on, that of the run begins anew, and their last failure is kept until the next',
      async (scenario) => {
        const jobId = await scenario.create();
        await scenario.release(await scenario.lease());
        await scenario.fail(await scenario.lease(), 'source_tls');
        await scenario.store.retry(jobId);
        const waiting = await scenario.upload(jobId);
        assert.deepEqual([waiting.status, waiting.attempts, waiting.finishedAt], ['waiting', 2, null]);
        assert.equal(waiting.failure?.code, 'source_tls');
        const lease = await scenario.lease();
        assert.deepEqual([lease.attempt, lease.runAttempt], [3, 1]);
        await scenario.fail(lease, 'empty_body');
        assert.equal((await scenario.upload(jobId)).failure?.code, 'empty_body');
        await scenario.store.retry(jobId, { codes: ['empty_body'] });
        await scenario.release(await scenario.lease());
        const last = await scenario.lease();
        assert.deepEqual([last.attempt, last.runAttempt], [5, 2]);
        assert.equal((await scenario.upload(jobId)).attempts, 5);
      },
    ),
    rule('an attempt that is not to count counts neither of them, in any run', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.fail(await scenario.lease());
      await scenario.store.retry(jobId);
      for (let times = 0; times < 2; times += 1) {
        const lease = await scenario.lease();
        assert.deepEqual([lease.attempt, lease.runAttempt], [2, 1]);
        await scenario.release(lease, { countAttempt: false });
        assert.equal((await scenario.upload(jobId)).attempts, 1);
      }
    }),
    rule('what did not fail goes on with its run when others of its job are retried', async (scenario) => {
      const jobId = await scenario.create(3);
      const [failed, released, held] = await scenario.leases(3);
      assert.ok(failed && released && held);
      await scenario.fail(failed);
      await scenario.release(released);
      await scenario.store.retry(jobId);
      await scenario.release(held);
      const again = [...(await scenario.leases(3))].sort((a, b) => a.index - b.index);
      assert.deepEqual(
        again.map(({ attempt, runAttempt }) => [attempt, runAttempt]),
        [
          [2, 1],
          [2, 2],
          [2, 2],
        ],
      );
    }),
    rule('each run of a job is finished once', async (scenario) => {
      const jobId = await finished(scenario);
      await scenario.store.retry(jobId);
      const [first, second, third] = await scenario.leases(9);
      assert.ok(first && second && third);
      assert.deepEqual(await scenario.complete(first), { status: 'settled', jobFinished: false });
      assert.deepEqual(await scenario.complete(second), { status: 'settled', jobFinished: false });
      const last = await scenario.complete(third);
      assert.deepEqual(last, { status: 'settled', jobFinished: true, job: await scenario.job(jobId) });
      assert.equal((await scenario.store.stats()).totals.jobsFinished, 2);
    }),
    rule('runs those of the given urls', async (scenario) => {
      const jobId = await finished(scenario);
      const wanted = [urls[2] ?? '', urls[0] ?? '', 'https://unknown.example'];
      const answer = await scenario.store.retry(jobId, { urls: wanted });
      assert.deepEqual([answer?.status, answer?.job.waiting, answer?.job.failed], ['retried', 1, 2]);
      assert.deepEqual(
        (await scenario.leases(9)).map(({ index }) => index),
        [2],
      );
    }),
    rule('runs those of the given codes', async (scenario) => {
      const jobId = await finished(scenario);
      await scenario.store.retry(jobId, { codes: ['empty_body', 'source_tls'] });
      assert.deepEqual(
        (await scenario.leases(9)).map(({ index }) => index),
        [2, 3],
      );
    }),
    rule('with urls and codes given, runs those that match both', async (scenario) => {
      const jobId = await finished(scenario);
      await scenario.store.retry(jobId, { urls: urls.slice(0, 3), codes: ['source_tls', 'empty_body'] });
      assert.deepEqual(
        (await scenario.leases(9)).map(({ index }) => index),
        [2],
      );
    }),
    rule(
      'of retries at the same time each runs what it selects, and no upload runs twice',
      async (scenario) => {
        const jobId = await scenario.create(8);
        for (const lease of await scenario.leases(8)) await scenario.fail(lease);
        const each = urlsOf(8);
        const answers = await Promise.all(each.map((url) => scenario.store.retry(jobId, { urls: [url] })));
        for (const answer of answers)
          assert.deepEqual([answer?.status, answer?.job.status], ['retried', 'in-progress']);
        const again = (await scenario.leases(20)).map(({ index }) => index);
        assert.deepEqual(again.sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
      },
    ),
    rule('when nothing matches nothing changes', async (scenario) => {
      const jobId = await finished(scenario);
      const before = { status: 'unchanged', job: await scenario.job(jobId) };
      assert.deepEqual(await scenario.store.retry(jobId, { urls: ['https://unknown.example'] }), before);
      assert.deepEqual(await scenario.store.retry(jobId, { urls: [] }), before);
      assert.deepEqual(await scenario.store.retry(jobId, { codes: ['poison'] }), before);
      assert.deepEqual(await scenario.leases(9), []);
    }),
    rule('a retry with which too many would wait is refused, and nothing changes', async (scenario) => {
      const { store } = scenario;
      const jobId = await finished(scenario);
      await scenario.create(4);
      const before = { job: await scenario.job(jobId), uploads: await scenario.uploads(jobId) };
      const picked = { urls: urls.slice(1, 3) };
      for (const [which, maxWaiting] of [
        [{}, 6],
        [picked, 5],
        [{ codes: ['source_tls', 'empty_body'] }, 5],
      ] as const) {
        const answer = await store.retry(jobId, which, { maxWaiting });
        assert.ok(answer?.status === 'full' && Number(answer.retryAfterMs) > 0);
        assert.deepEqual(answer.job, before.job);
        assert.deepEqual({ job: await scenario.job(jobId), uploads: await scenario.uploads(jobId) }, before);
      }
      assert.equal((await store.stats()).queue.waiting, 4);
      assert.equal((await store.retry(jobId, picked, { maxWaiting: 6 }))?.status, 'retried');
      assert.equal((await store.retry(jobId, {}, { maxWaiting: 7 }))?.status, 'retried');
      assert.equal((await store.stats()).queue.waiting, 7);
    }),
    rule('a retry of more uploads than may ever wait is told of no time to wait', async (scenario) => {
      const jobId = await finished(scenario);
      for (const which of [{}, { urls: urls.slice(1) }]) {
        const answer = await scenario.store.retry(jobId, which, { maxWaiting: 2 });
        assert.ok(answer?.status === 'full' && answer.retryAfterMs === undefined);
      }
      const fewer = await scenario.store.retry(jobId, { codes: ['source_tls'] }, { maxWaiting: 2 });
      assert.deepEqual([fewer?.status, fewer?.job.waiting, fewer?.job.failed], ['retried', 1, 2]);
    }),
    rule('of a cancelled job too a retry with which too many would wait is refused', async (scenario) => {
      const jobId = await scenario.create(urls);
      await scenario.store.cancel(jobId);
      await scenario.create(1);
      const some = { urls: urls.slice(0, 2) };
      for (const [which, maxWaiting] of [
        [{}, 4],
        [some, 2],
      ] as const) {
        assert.equal((await scenario.store.retry(jobId, which, { maxWaiting }))?.status, 'full');
        assert.equal((await scenario.job(jobId)).cancelled, true);
      }
      assert.equal((await scenario.store.retry(jobId, some, { maxWaiting: 3 }))?.status, 'retried');
      assert.deepEqual(
        (await scenario.leases(9)).map(({ jobId: id, index }) => [id === jobId, index]).sort(),
        [
          [false, 0],
          [true, 0],
          [true, 1],
        ],
      );
    }),
    rule('a retry that matches nothing is not refused, however many wait', async (scenario) => {
      const jobId = await finished(scenario);
      await scenario.create(4);
      const none = { codes: ['poison'] } as const;
      assert.equal((await scenario.store.retry(jobId, none, { maxWaiting: 1 }))?.status, 'unchanged');
    }),
    rule('a job without failures stays complete', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.complete(await scenario.lease());
      const before = { status: 'unchanged', job: await scenario.job(jobId) };
      assert.deepEqual(await scenario.store.retry(jobId), before);
    }),
    rule('what failed runs again while the rest of its job still runs', async (scenario) => {
      const jobId = await scenario.create(4);
      const [failed, held, released] = await scenario.leases(3);
      assert.ok(failed && held && released);
      await scenario.fail(failed);
      await scenario.release(released, { delayMs: 60_000 });
      const job = (await scenario.store.retry(jobId))?.job;
      assert.deepEqual([job?.waiting, job?.claimed, job?.failed], [3, 1, 0]);
      assert.deepEqual(
        (await scenario.leases(9)).map(({ index }) => index),
        [0, 3],
      );
      assert.equal((await scenario.complete(held)).status, 'settled');
    }),
    rule('some of what failed can run again while the rest of its job still runs', async (scenario) => {
      const jobId = await scenario.create(urls);
      for (const lease of await scenario.leases(2)) await scenario.fail(lease);
      await scenario.store.retry(jobId, { urls: [urls[1] ?? ''] });
      assert.deepEqual(
        (await scenario.leases(9)).map(({ index }) => index),
        [1, 2, 3],
      );
      assert.equal((await scenario.upload(jobId, 0)).status, 'failed');
    }),
    rule('a cancelled job can be retried: all that has no link runs again', async (scenario) => {
      const jobId = await scenario.create(6);
      const [done, , delayed, bad] = await scenario.leases(4);
      assert.ok(done && delayed && bad);
      await scenario.complete(done);
      await scenario.release(delayed, { delayMs: 60_000 });
      await scenario.fail(bad);
      await scenario.store.cancel(jobId);
      const job = (await scenario.store.retry(jobId))?.job;
      assert.deepEqual([job?.status, job?.cancelled, job?.waiting], ['in-progress', false, 5]);
      const leases = await scenario.leases(9);
      assert.deepEqual(leases.map(({ index }) => index).sort(), [1, 2, 3, 4, 5]);
      assert.deepEqual(new Set(leases.map(({ runAttempt }) => runAttempt)), new Set([1]));
      const attempts = new Map(leases.map(({ index, attempt }) => [index, attempt]));
      assert.deepEqual(
        [1, 2, 3, 4, 5].map((index) => attempts.get(index)),
        [2, 2, 2, 1, 1],
      );
    }),
    rule('a lease that a cancel took away stays lost after the job is retried', async (scenario) => {
      const jobId = await scenario.create(3);
      const old = await scenario.lease();
      await scenario.store.cancel(jobId);
      await scenario.store.retry(jobId);
      assert.equal((await scenario.complete(old)).status, 'lost');
      const again = await scenario.leases(3);
      assert.equal(again.length, 3);
      assert.equal((await scenario.complete(old)).status, 'lost');
      const settled = await Promise.all(again.map((lease) => scenario.complete(lease)));
      const end = { status: 'settled', jobFinished: true, job: await scenario.job(jobId) };
      assert.deepEqual(settled.at(-1), end);
      assert.equal(end.job.complete, 3);
    }),
    rule('some uploads of a cancelled job can be retried, the others stay failed', async (scenario) => {
      const jobId = await scenario.create(urls);
      const [held, released, delayed] = await scenario.leases(3);
      assert.ok(held && released && delayed);
      await scenario.release(released);
      await scenario.release(delayed, { delayMs: 30 });
      await scenario.store.cancel(jobId);
      await scenario.store.retry(jobId, { urls: [urls[0] ?? '', urls[3] ?? ''] });
      await scenario.elapse(30);
      assert.deepEqual(
        (await scenario.leases(9)).map(({ index }) => index),
        [0, 3],
      );
      const statuses = (await scenario.uploads(jobId)).map(({ status }) => status);
      assert.deepEqual(statuses, ['claimed', 'failed', 'failed', 'claimed']);
    }),
    rule('what a partial retry of a cancelled job left behind can be retried later', async (scenario) => {
      const jobId = await scenario.create(urls);
      await scenario.store.cancel(jobId);
      await scenario.store.retry(jobId, { urls: [urls[1] ?? ''] });
      assert.deepEqual(
        (await scenario.leases(9)).map(({ index }) => index),
        [1],
      );
      await scenario.store.retry(jobId);
      assert.deepEqual(
        (await scenario.leases(9)).map(({ index }) => index),
        [0, 2, 3],
      );
    }),
    rule(
      'cancel and retry can follow one another, and each time the counters equal the records',
      async (scenario) => {
        const jobId = await scenario.create(20);
        for (let round = 1; round <= 3; round += 1) {
          const [first, second] = await scenario.leases(3);
          assert.ok(first && second);
          await scenario.fail(first, 'source_tls');
          await scenario.release(second, { delayMs: 20 });
          await scenario.store.cancel(jobId);
          assert.equal(
            (await scenario.uploads(jobId)).filter(({ status }) => status === 'failed').length,
            20,
          );
          await scenario.store.retry(jobId, round === 2 ? { codes: ['cancelled'] } : {});
          const waiting = (await scenario.uploads(jobId)).filter(({ status }) => status === 'waiting').length;
          assert.equal(waiting, (await scenario.job(jobId)).waiting);
        }
        await scenario.store.retry(jobId);
        assert.equal(await scenario.completeAll(), 20);
        assert.equal((await scenario.job(jobId)).status, 'complete');
      },
    ),
  ],
};

/** A job of four: one is complete, the others failed for three reasons. */
async function finished(scenario: Scenario): Promise<string> {
  const jobId = await scenario.create(urls);
  const [done, first, second, third] = await scenario.leases(4);
  assert.ok(done && first && second && third);
  await scenario.complete(done);
  await scenario.fail(first, 'source_status');
  await scenario.fail(second, 'source_tls');
  await scenario.fail(third, 'empty_body');
  return jobId;
}
