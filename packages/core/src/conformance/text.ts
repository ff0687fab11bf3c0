import assert from 'node:assert/strict';

import type { Metadata } from '../job.ts';
import { type Area, rule } from './rule.ts';
import { newJob } from './scenario.ts';

const texts: Readonly<Record<string, string>> = {
  quotes: `it's "quoted", \\escaped\\ and \`ticked\``,
  'line breaks': 'one\ntwo\r\nthree\ttabbed',
  'control characters': 'nul \u0000 bell \u0007 escape \u001b',
  'letters of all kinds': 'žluťoučký кот 猫 قط',
  emoji: 'family 👩‍👩‍👧‍👦 flag 🇨🇭',
  'text that reads right to left': 'abc \u202e fed \u2066 x',
  'separators of other formats': 'a:b|c,d;e{f}g*h?i[j]\u2028k\u2029',
  'what looks like code': `'); return redis.call('FLUSHALL') --`,
  'what looks like a number': '1e400',
  'nothing at all': '',
};

/** Text that comes from strangers. */
export const text: Area = {
  name: 'text',
  rules: [
    ...Object.entries(texts).map(([kind, value]) =>
      rule(`${kind} in urls, messages, links, digests and metadata come back unchanged`, async (scenario) => {
        const url = `https://a.example/?${value}`;
        const jobId = await scenario.create([url, url], {
          metadata: { [value]: value },
          options: { title: value },
        });
        const [first, second] = await scenario.leases(2);
        assert.ok(first && second);
        assert.equal(first.url, url);
        const failure = { code: 'host_rejected', message: value } as const;
        await scenario.store.settle([{ lease: first, outcome: { status: 'failed', failure }, posts: 0 }]);
        const remember = { digest: value, ttlMs: 60_000 };
        await scenario.complete(second, { link: `https://links.example/${value}`, remember });
        assert.equal(await scenario.store.recall(value), `https://links.example/${value}`);
        const [failed, complete] = await scenario.uploads(jobId);
        assert.deepEqual([failed?.url, failed?.failure], [url, failure]);
        assert.equal(complete?.link, `https://links.example/${value}`);
        assert.deepEqual((await scenario.store.links()).items, [`https://links.example/${value}`]);
        const job = await scenario.job(jobId);
        assert.deepEqual([job.metadata, job.options], [{ [value]: value }, { title: value }]);
      }),
    ),
    rule('half a surrogate pair is kept as a sign that something is missing', async (scenario) => {
      const half = '\ud83d';
      const idempotency = { key: half, fingerprint: 'print', ttlMs: 60_000 };
      const url = `https://a.example/${half}`;
      const more = { metadata: { [half]: half }, options: { title: half }, idempotency };
      const jobId = await scenario.create([url, url, url], more);
      const job = await scenario.job(jobId);
      assert.deepEqual([job.metadata, job.options], [{ '\ufffd': '\ufffd' }, { title: '\ufffd' }]);
      const again = await scenario.store.create(newJob(3, { idempotency }));
      assert.equal('job' in again && again.job.id, jobId);
      const [first, second, third] = await scenario.leases(3);
      assert.ok(first && second && third);
      const failure = { code: 'host_rejected', message: `cut ${half}` } as const;
      await scenario.store.queue.release([
        { lease: third, delayMs: 0, countAttempt: true, posts: 0, failure },
      ]);
      await scenario.store.settle([{ lease: first, outcome: { status: 'failed', failure }, posts: 0 }]);
      const remember = { digest: half, ttlMs: 60_000 };
      await scenario.complete(second, { link: `https://links.example/${half}`, deleteHash: half, remember });
      assert.equal(await scenario.store.recall(half), 'https://links.example/\ufffd');
      const uploads = await scenario.uploads(jobId);
      assert.deepEqual(
        uploads.map((upload) => upload.failure?.message),
        ['cut \ufffd', undefined, 'cut \ufffd'],
      );
      assert.ok(uploads.every((upload) => upload.url === 'https://a.example/\ufffd'));
      assert.deepEqual((await scenario.store.links()).items, ['https://links.example/\ufffd']);
      assert.equal((await scenario.store.deleteHashes(jobId))[0]?.deleteHash, '\ufffd');
      assert.equal((await scenario.store.retry(jobId, { urls: [url] }))?.job.failed, 0);
    }),
    rule('the names of object properties are names like any other', async (scenario) => {
      const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
      const { store } = scenario;
      for (const id of names) {
        assert.equal(await store.get(id), undefined, id);
        assert.equal((await store.create(newJob(1, { id, host: id }))).status, 'created');
        assert.equal((await scenario.lease({ host: id })).jobId, id);
        assert.equal((await store.pause({ jobId: id }))?.changed, true);
        const idempotency = { key: id, fingerprint: id, ttlMs: 60_000 };
        assert.equal((await store.create(newJob(1, { idempotency }))).status, 'created');
      }
    }),
    rule('metadata may have keys that objects have by themselves', async (scenario) => {
      const json = '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"a":[{"__proto__":2}]}';
      const metadata: Metadata = JSON.parse(json);
      const job = await scenario.job(await scenario.create(1, { metadata }));
      assert.equal(JSON.stringify(job.metadata), json);
      assert.equal(JSON.stringify((await scenario.lease()).metadata), json);
      assert.equal('polluted' in {}, false);
      assert.equal((job.metadata as { polluted?: unknown } | undefined)?.polluted, undefined);
    }),
    rule('an idempotency key may be any text', async ({ store }) => {
      for (const key of Object.values(texts)) {
        const job = newJob(1, { idempotency: { key, fingerprint: key, ttlMs: 60_000 } });
        assert.equal((await store.create(job)).status, 'created', key);
      }
    }),
  ],
};
