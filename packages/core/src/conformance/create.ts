import assert from 'node:assert/strict';

import { InvalidOptionError } from '../errors.ts';
import { type Area, rule } from './rule.ts';
import { newJob } from './scenario.ts';

const idempotency = { key: 'key', fingerprint: 'print', ttlMs: 60_000 };

/** How jobs come in. */
export const create: Area = {
  name: 'create',
  rules: [
    rule('a job can be read before its create resolves', async ({ store }) => {
      const job = newJob(3);
      const [created, read] = await Promise.all([
        store.create(job),
        store.create(job).then(() => store.get(job.id)),
      ]);
      assert.equal(created.status, 'created');
      assert.equal(read?.id, job.id);
    }),
    rule('a new job is pending, and all of its uploads are waiting', async (scenario) => {
      const job = await scenario.job(await scenario.create(3));
      assert.equal(job.status, 'pending');
      assert.deepEqual([job.total, job.waiting, job.claimed, job.complete, job.failed], [3, 3, 0, 0, 0]);
      assert.deepEqual([job.startedAt, job.finishedAt], [null, null]);
      assert.deepEqual([job.paused, job.cancelled, job.possiblyDuplicated], [false, false, 0]);
      assert.ok(job.createdAt > 0);
    }),
    rule('its uploads are in the order of the request', async (scenario) => {
      const urls = ['https://b.example/2', 'https://a.example/1', 'https://c.example/3'];
      const uploads = await scenario.uploads(await scenario.create(urls));
      assert.deepEqual(
        uploads.map(({ url, index }) => [url, index]),
        urls.map((url, index) => [url, index]),
      );
    }),
    rule('an upload that never ran has nothing but its url', async (scenario) => {
      const jobId = await scenario.create(['https://a.example/1']);
      assert.deepEqual(await scenario.upload(jobId), {
        jobId,
        index: 0,
        url: 'https://a.example/1',
        status: 'waiting',
        link: null,
        failure: null,
        attempts: 0,
        bytes: null,
        type: null,
        width: null,
        height: null,
        possiblyDuplicated: false,
        reused: false,
        paused: false,
        startedAt: null,
        finishedAt: null,
      });
    }),
    rule('equal urls are different uploads', async (scenario) => {
      const url = 'https://a.example/same.png';
      const jobId = await scenario.create([url, url]);
      const leases = await scenario.leases(10);
      assert.deepEqual(
        leases.map((lease) => [lease.index, lease.url]),
        [
          [0, url],
          [1, url],
        ],
      );
      await scenario.complete(leases[0] ?? assert.fail(), { link: 'https://links.example/first.png' });
      assert.equal((await scenario.upload(jobId, 1)).link, null);
    }),
    rule('a job that is unknown is undefined', async ({ store }) => {
      assert.equal(await store.get('unknown'), undefined);
      assert.equal(await store.uploads('unknown'), undefined);
      assert.equal(await store.cancel('unknown'), undefined);
      assert.equal(await store.retry('unknown'), undefined);
      assert.deepEqual(await store.deleteHashes('unknown'), []);
    }),
    rule('a create that is sent again is answered as before, and there is one job', async ({ store }) => {
      for (const more of [{}, { idempotency }]) {
        const job = newJob(3, more);
        const first = await store.create(job);
        const second = await store.create(job);
        assert.deepEqual([first.status, second.status], ['created', 'created']);
        assert.deepEqual('job' in second && second.job, 'job' in first && first.job);
      }
      assert.equal((await store.stats()).queue.waiting, 6);
    }),
    rule('a create that is sent again tells of no second job', async (scenario) => {
      const { store, signal } = scenario;
      const events = store.events({ signal });
      const job = newJob();
      for (const each of [job, job, newJob()]) await store.create(each);
      const told = await scenario.read(events, 2);
      assert.deepEqual(
        told.map((event) => [event.type, 'jobId' in event && event.jobId === job.id]),
        [
          ['job:created', true],
          ['job:created', false],
        ],
      );
    }),
    rule('the same idempotency key with the same fingerprint is the same job', async ({ store }) => {
      const job = newJob(2, { idempotency });
      await store.create(job);
      const again = await store.create(newJob(2, { idempotency }));
      assert.equal(again.status, 'existing');
      assert.equal(again.status === 'existing' && again.job.id, job.id);
      assert.equal((await store.list()).items.length, 1);
    }),
    rule('an idempotency key and its fingerprint may be any text', async ({ store }) => {
      for (const text of ['a b', ' ', '%20', 'ключ', '']) {
        const any = { key: `key ${text}`, fingerprint: text, ttlMs: 60_000 };
        const job = newJob(1, { idempotency: any });
        await store.create(job);
        const again = await store.create(newJob(1, { idempotency: any }));
        assert.ok(again.status === 'existing', `${JSON.stringify(text)}: ${again.status}`);
        assert.equal(again.job.id, job.id);
        const other = newJob(1, { idempotency: { ...any, fingerprint: `${text}.` } });
        assert.equal((await store.create(other)).status, 'conflict');
      }
    }),
    rule('of creates with the same idempotency key at the same time one makes the job', async ({ store }) => {
      const answers = await Promise.all([1, 2, 3, 4].map(() => store.create(newJob(2, { idempotency }))));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [
        'created',
        'existing',
        'existing',
        'existing',
      ]);
      assert.equal((await store.list()).items.length, 1);
    }),
    rule('an idempotency key that belongs to another list of urls is a conflict', async ({ store }) => {
      await store.create(newJob(2, { idempotency }));
      const other = newJob(3, { idempotency: { ...idempotency, fingerprint: 'another' } });
      assert.deepEqual(await store.create(other), { status: 'conflict' });
      assert.equal(await store.get(other.id), undefined);
    }),
    rule('different idempotency keys are different jobs', async ({ store }) => {
      await store.create(newJob(2, { idempotency }));
      const other = await store.create(newJob(2, { idempotency: { ...idempotency, key: 'other' } }));
      assert.equal(other.status, 'created');
    }),
    rule('an idempotency key is forgotten after its time', async ({ store, elapse }) => {
      const brief = { ...idempotency, ttlMs: 40 };
      await store.create(newJob(2, { idempotency: brief }));
      await elapse(40);
      assert.equal((await store.create(newJob(2, { idempotency: brief }))).status, 'created');
    }),
    rule(
      'a job with which too many would wait is refused, and nothing of it is accepted',
      async ({ store }) => {
        await store.create(newJob(3));
        const refused = newJob(3, { maxWaiting: 5, idempotency });
        const answer = await store.create(refused);
        assert.equal(answer.status, 'full');
        assert.ok(answer.status === 'full' && answer.retryAfterMs > 0);
        assert.equal(await store.get(refused.id), undefined);
        assert.equal((await store.stats()).queue.waiting, 3);
        assert.equal((await store.create({ ...refused, maxWaiting: 6 })).status, 'created');
      },
    ),
    rule('a submit that came before is never refused for being one too many', async ({ store }) => {
      const job = newJob(3, { maxWaiting: 3 });
      await store.create(job);
      assert.equal((await store.create(job)).status, 'created');
    }),
    rule('uploads that are claimed or settled do not count as waiting', async (scenario) => {
      await scenario.create(3);
      const [first] = await scenario.leases(2);
      await scenario.complete(first ?? assert.fail());
      assert.equal((await scenario.store.create(newJob(2, { maxWaiting: 3 }))).status, 'created');
    }),
    rule(
      'an id that could reach what is kept of another job is refused, and unknown everywhere',
      async (scenario) => {
        const { store } = scenario;
        const urls = ['https://a.example/1', 'https://a.example/2', 'https://a.example/3'];
        const jobId = await scenario.create(urls, { metadata: { a: 1 } });
        const leases = await scenario.leases(3);
        await scenario.fail(leases[0] ?? assert.fail());
        await scenario.fail(leases[1] ?? assert.fail());
        await store.retry(jobId, { urls: urls.slice(0, 1) });
        const before = await scenario.uploads(jobId);
        for (const suffix of ['', 'chosen', 'failed', 'held', 'hashes', 'info', 'u:0', 'r:0']) {
          const id = `${jobId}:${suffix}`;
          await assert.rejects(store.create(newJob(1, { id })), InvalidOptionError);
          assert.equal(await store.get(id), undefined);
          assert.equal(await store.uploads(id), undefined);
          assert.deepEqual(await store.deleteHashes(id), []);
          assert.equal(await store.cancel(id), undefined);
          assert.equal(await store.retry(id), undefined);
          assert.equal(await store.retry(id, { urls }), undefined);
          assert.equal(await store.pause({ jobId: id }), undefined);
          const lease = { ...(leases[2] ?? assert.fail()), jobId: id };
          assert.deepEqual(await store.queue.extend([lease], 60_000), [{ lease, reason: 'unknown' }]);
          assert.deepEqual(await scenario.fail(lease), { status: 'lost', reason: 'unknown' });
        }
        assert.deepEqual(await scenario.uploads(jobId), before);
      },
    ),
    rule('an id is some text of whole characters', async ({ store }) => {
      for (const id of ['', '\ud83d', 'a:b'])
        await assert.rejects(store.create(newJob(1, { id })), InvalidOptionError);
      for (const id of ['a job', 'ünïcode 🖼', '__proto__', '{a}', '*', '0'])
        assert.equal((await store.create(newJob(1, { id }))).status, 'created');
    }),
    rule('options and metadata come back as they were given', async (scenario) => {
      const options = { title: 'A title', description: 'Its description', album: 'abc' };
      const metadata = { customer: 7, tags: ['a', { b: null }] };
      const jobId = await scenario.create(1, { options, metadata });
      const job = await scenario.job(jobId);
      const lease = await scenario.lease();
      assert.deepEqual([job.options, job.metadata], [options, metadata]);
      assert.deepEqual([lease.options, lease.metadata], [options, metadata]);
    }),
    rule('what a caller does to the job afterwards changes nothing', async (scenario) => {
      const urls = ['https://a.example/1'];
      const metadata = { inner: { value: 1 } };
      const options = { title: 'before' };
      const jobId = await scenario.create(urls, { metadata, options });
      urls[0] = 'https://changed.example';
      metadata.inner.value = 2;
      options.title = 'after';
      const lease = await scenario.lease();
      assert.equal(lease.url, 'https://a.example/1');
      assert.deepEqual((await scenario.job(jobId)).metadata, { inner: { value: 1 } });
      assert.deepEqual(lease.options, { title: 'before' });
    }),
  ],
};
