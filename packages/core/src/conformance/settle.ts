import assert from 'node:assert/strict';

import type { JobSummary } from '../job.ts';
import type { Settlement } from '../store.ts';
import { type Area, rule } from './rule.ts';
import { linkOf, type Scenario } from './scenario.ts';

/** Outcomes. */
export const settle: Area = {
  name: 'settle',
  rules: [
    rule('a complete upload is kept with its link and its facts', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      await scenario.complete(lease, { bytes: 1_234, type: 'image/gif', width: 30, height: 40 });
      const { startedAt, finishedAt, ...upload } = await scenario.upload(jobId);
      assert.ok(startedAt !== null && finishedAt !== null && finishedAt >= startedAt);
      assert.deepEqual(upload, {
        jobId,
        index: 0,
        url: lease.url,
        status: 'complete',
        link: linkOf(lease),
        failure: null,
        attempts: 1,
        bytes: 1_234,
        type: 'image/gif',
        width: 30,
        height: 40,
        possiblyDuplicated: false,
        reused: false,
        paused: false,
      });
    }),
    rule(
      'a failed upload is kept with its failure, and with the facts as far as they are known',
      async (scenario) => {
        const jobId = await scenario.create();
        const failure = { code: 'host_rejected', message: 'it is too purple' } as const;
        const outcome = { status: 'failed', failure, bytes: 77, type: 'image/png' } as const;
        await scenario.store.settle([{ lease: await scenario.lease(), outcome, posts: 1 }]);
        const upload = await scenario.upload(jobId);
        assert.deepEqual([upload.status, upload.failure, upload.link], ['failed', failure, null]);
        assert.deepEqual([upload.bytes, upload.type, upload.width], [77, 'image/png', null]);
        assert.ok(upload.finishedAt !== null);
      },
    ),
    rule('what is settled is not claimed again', async (scenario) => {
      await scenario.create(2);
      await scenario.complete(await scenario.lease({ leaseMs: 30 }));
      await scenario.fail(await scenario.lease({ leaseMs: 30 }));
      await scenario.elapse(30);
      assert.deepEqual(await scenario.claim(), { leases: [], nextInMs: undefined, ended: [] });
    }),
    rule('requests are answered in their order', async (scenario) => {
      const jobId = await scenario.create(2);
      const [first, second] = await scenario.leases(2);
      assert.ok(first && second);
      const outcome = {
        status: 'complete',
        link: 'https://links.example/x',
        bytes: 1,
        type: 'image/png',
      } as const;
      const answers = await scenario.store.settle([
        { lease: second, outcome, posts: 1 },
        { lease: { ...first, index: 7 }, outcome, posts: 1 },
        { lease: first, outcome, posts: 1 },
      ]);
      assert.deepEqual(answers, [
        { status: 'settled', jobFinished: false },
        { status: 'lost', reason: 'unknown' },
        { status: 'settled', jobFinished: true, job: await scenario.job(jobId) },
      ]);
    }),
    rule('exactly one settlement finishes a job, however many settle at once', async (scenario) => {
      const jobId = await scenario.create(20);
      const leases = await scenario.leases(20);
      const answers = await Promise.all(leases.map((lease) => scenario.complete(lease)));
      assert.equal(answers.filter((answer) => answer.status === 'settled' && answer.jobFinished).length, 1);
      assert.equal((await scenario.job(jobId)).status, 'complete');
    }),
    rule('a job whose uploads failed is complete', async (scenario) => {
      const jobId = await scenario.create(2);
      const [first, second] = await scenario.leases(2);
      assert.ok(first && second);
      assert.deepEqual(await scenario.fail(first), { status: 'settled', jobFinished: false });
      assert.equal((await scenario.job(jobId)).finishedAt, null);
      const last = await scenario.fail(second);
      const job = await scenario.job(jobId);
      assert.deepEqual(last, { status: 'settled', jobFinished: true, job });
      assert.deepEqual([job.status, job.failed], ['complete', 2]);
      assert.ok(job.finishedAt !== null && job.finishedAt >= job.createdAt);
    }),
    rule('jobFinished is told once, also when the last upload is ended by a claim', async (scenario) => {
      const jobId = await scenario.create(2);
      await scenario.complete(await scenario.lease());
      for (let expiry = 0; expiry < 3; expiry += 1) await scenario.expiredLease();
      const claims = [await scenario.claim(), await scenario.claim()];
      assert.deepEqual(
        claims.flatMap(({ ended }) => ended.map(({ jobFinished }) => jobFinished)),
        [true],
      );
      assert.equal((await scenario.job(jobId)).status, 'complete');
    }),
    rule(
      'what finishes a job carries it as that step left it, equal to that of the event',
      async (scenario) => {
        const metadata = { post: 7, tags: ['é'] };
        const jobId = await scenario.create(3, { options: { title: 'a title' }, metadata });
        const told = finishesOf(scenario, jobId, 2);
        const [first, second] = await scenario.leases(2);
        assert.ok(first && second);
        await scenario.complete(first, { possiblyDuplicated: true });
        await scenario.fail(second);
        const last = await scenario.lease();
        await scenario.store.pause({ jobId });
        const settled = jobOf(await scenario.complete(last));
        assert.deepEqual(settled, await scenario.job(jobId));
        assert.deepEqual([settled.status, settled.complete, settled.failed], ['complete', 2, 1]);
        assert.deepEqual([settled.possiblyDuplicated, settled.pausedBy], [1, ['job']]);
        assert.deepEqual([settled.options, settled.metadata], [{ title: 'a title' }, metadata]);
        await scenario.store.resume({ jobId });
        await scenario.store.retry(jobId);
        for (let expiry = 0; expiry < 3; expiry += 1) await scenario.expiredLease();
        const [ended] = (await scenario.claim()).ended;
        assert.ok(ended?.jobFinished);
        assert.deepEqual(ended.job, await scenario.job(jobId));
        assert.deepEqual(await told, [settled, ended.job]);
      },
    ),
    rule(
      'a resend is answered with the job as it was then, whatever has become of it since',
      async (scenario) => {
        const jobId = await scenario.create(2);
        const [first, last] = await scenario.leases(2);
        assert.ok(first && last);
        await scenario.fail(first);
        await scenario.store.pause({ jobId });
        const answer = await scenario.complete(last);
        await scenario.store.resume({ jobId });
        await scenario.elapse(5);
        await scenario.store.retry(jobId);
        assert.deepEqual(await scenario.complete(last), answer, 'while it runs again');
        await scenario.expiredLease();
        const again = jobOf(await scenario.complete(await scenario.lease()));
        assert.deepEqual([again.complete, again.failed, again.possiblyDuplicated], [2, 0, 1]);
        assert.deepEqual(await scenario.complete(last), answer, 'when it has finished again');
      },
    ),
    rule('settling twice answers the same, and changes nothing', async (scenario) => {
      const jobId = await scenario.create(2);
      const [first, last] = await scenario.leases(2);
      assert.ok(first && last);
      const answers = [await scenario.complete(first), await scenario.complete(last)];
      const again = [
        await scenario.complete(first, { link: 'https://links.example/again.png' }),
        await scenario.complete(last),
      ];
      assert.deepEqual(again, answers);
      assert.equal((await scenario.upload(jobId)).link, linkOf(first));
      assert.deepEqual((await scenario.store.links()).items, [linkOf(first), linkOf(last)]);
      assert.equal((await scenario.store.stats()).totals.uploadsComplete, 2);
    }),
    rule('the same lease twice in one settle is one outcome', async (scenario) => {
      await scenario.create();
      const lease = await scenario.lease();
      const outcome = {
        status: 'complete',
        link: 'https://links.example/x',
        bytes: 1,
        type: 'image/png',
      } as const;
      const request = { lease, outcome, posts: 1 };
      const [first, second] = await scenario.store.settle([request, request]);
      assert.deepEqual(second, first);
      assert.equal((await scenario.store.links()).items.length, 1);
    }),
    rule('an outcome answers its token the same after the upload was set to run again', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      const answer = await scenario.fail(lease);
      await scenario.store.retry(jobId);
      assert.deepEqual(await scenario.fail(lease), answer);
      assert.equal((await scenario.upload(jobId)).status, 'waiting');
    }),
    rule('an outcome that a later one has taken the place of is lost as replaced', async (scenario) => {
      const jobId = await scenario.create(2);
      const [first, second] = await scenario.leases(2);
      assert.ok(first && second);
      await scenario.fail(first);
      await scenario.fail(second);
      await scenario.store.retry(jobId);
      await scenario.complete(await scenario.lease());
      for (let expiry = 0; expiry < 3; expiry += 1) await scenario.expiredLease();
      assert.equal((await scenario.claim()).ended.length, 1);
      assert.deepEqual(await scenario.fail(first), { status: 'lost', reason: 'replaced' });
      assert.deepEqual(await scenario.fail(second), { status: 'lost', reason: 'replaced' });
    }),
    rule('a lease of an unknown job, upload or claim is lost as unknown', async (scenario) => {
      await scenario.create();
      const lease = await scenario.lease();
      const lost = { status: 'lost', reason: 'unknown' };
      assert.deepEqual(await scenario.complete({ ...lease, jobId: 'unknown' }), lost);
      assert.deepEqual(await scenario.complete({ ...lease, index: 1 }), lost);
      assert.deepEqual(await scenario.complete({ ...lease, token: lease.token + 1_000 }), lost);
      assert.equal((await scenario.complete(lease)).status, 'settled');
    }),
    rule('an upload that a later claim settled is lost as replaced for the one before', async (scenario) => {
      await scenario.create();
      const old = await scenario.expiredLease();
      await scenario.complete(await scenario.lease());
      assert.deepEqual(await scenario.complete(old), { status: 'lost', reason: 'replaced' });
      assert.deepEqual(await scenario.store.queue.extend([old], 60_000), [
        { lease: old, reason: 'replaced' },
      ]);
    }),
    rule('a deletehash is told by deleteHashes and by nothing else', async (scenario) => {
      const jobId = await scenario.create(3);
      const [first, second, third] = await scenario.leases(3);
      assert.ok(first && second && third);
      const events = scenario.store.events({ signal: scenario.signal });
      const settled = scenario.read(events, 2);
      await scenario.complete(third, { deleteHash: 'secret-3' });
      await scenario.complete(first, { deleteHash: 'secret-1' });
      await scenario.fail(second);
      assert.deepEqual(await scenario.store.deleteHashes(jobId), [
        { index: 0, link: linkOf(first), deleteHash: 'secret-1' },
        { index: 2, link: linkOf(third), deleteHash: 'secret-3' },
      ]);
      const { store } = scenario;
      const seen = await Promise.all([store.get(jobId), store.uploads(jobId), store.list(), store.links()]);
      assert.ok(!JSON.stringify([seen, await settled, await store.stats()]).includes('secret'));
    }),
  ],
};

function jobOf(settlement: Settlement): JobSummary {
  assert.ok(settlement.status === 'settled' && settlement.jobFinished);
  return settlement.job;
}

/** The job of each `job:finished` from now on, so many of them. */
async function finishesOf(scenario: Scenario, jobId: string, count: number): Promise<readonly JobSummary[]> {
  const jobs: JobSummary[] = [];
  for await (const event of scenario.store.events({ jobId, signal: scenario.signal })) {
    if (event.type === 'job:finished') jobs.push(event.job);
    if (jobs.length === count) break;
  }
  return jobs;
}
