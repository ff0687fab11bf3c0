import assert from 'node:assert/strict';

import { assertProblem, jsonOf, viewAfter } from './answers.ts';
import { unknownId, urls } from './scene.ts';
import type { Stage } from './stage.ts';

/** What a submit takes in, and what it refuses. */
export function testSubmit({ describe, rule, uploadPath }: Stage): void {
  describe('submit', () => {
    rule('answers 202, the id and nothing else, and where the job is', async ({ post, fetch, uploader }) => {
      const answer = await post({ urls });
      assert.equal(answer.status, 202);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      const body = await jsonOf(answer);
      assert.deepEqual(Object.keys(body), ['jobId']);
      const location = answer.headers.get('location');
      assert.equal(location, `${uploadPath}/${body.jobId}`);
      assert.equal((await jsonOf(await fetch(String(location)))).id, body.jobId);
      assert.equal((await uploader.job(String(body.jobId)))?.total, 2);
    });

    rule('strips duplicates, keeps the first of each and the order', async ({ post, fetch }) => {
      const view = await viewAfter(
        await post({ urls: [...urls, urls[0], 'https://source.example/A.png'] }),
        fetch,
      );
      assert.deepEqual(view.uploaded.pending, [...urls, 'https://source.example/A.png']);
    });

    rule('with the same key and URLs is the same job, quoted or not', async ({ post, uploader }) => {
      const first = await jsonOf(await post({ urls }, { 'idempotency-key': 'order-1' }));
      const again = await post({ urls }, { 'idempotency-key': '"order-1"' });
      assert.equal(again.status, 202);
      assert.deepEqual(await jsonOf(again), first);
      assert.equal((await uploader.jobs()).items.length, 1);
    });

    rule('with the same key and other URLs is 422', async ({ post }) => {
      await post({ urls }, { 'idempotency-key': 'order-1' });
      await assertProblem(await post({ urls: urls.slice(1) }, { 'idempotency-key': 'order-1' }), 422);
    });

    rule('refuses a key that is too long', async ({ post, uploader }) => {
      await assertProblem(await post({ urls }, { 'idempotency-key': 'k'.repeat(4_096) }), 400);
      assert.equal((await uploader.jobs()).items.length, 0);
    });

    rule('refuses all for one bad URL, and says which and why', async ({ post, uploader }) => {
      const problem = await assertProblem(
        await post({ urls: [...urls, 'ftp://source.example/c.png', 7] }),
        400,
      );
      const errors = problem.errors as { index: number; reason: string }[];
      assert.deepEqual(
        errors.map(({ index }) => index),
        [2, 3],
      );
      assert.match(String(errors[0]?.reason), /ftp:/);
      assert.match(String(errors[1]?.reason), /not a string/);
      assert.equal((await uploader.jobs()).items.length, 0);
    });

    rule('lists at most 100 bad URLs, and says how many there are', async ({ post }) => {
      const problem = await assertProblem(await post({ urls: Array(150).fill('nonsense') }), 400);
      assert.equal((problem.errors as unknown[]).length, 100);
      assert.match(String(problem.detail), /149 more/);
    });

    rule('never repeats a long URL', async ({ post }) => {
      const answer = await post({
        urls: [`nonsense-${'x'.repeat(5_000)}`, `https://u:${'p'.repeat(300)}@a.example`],
      });
      assert.ok(!/x{200}|p{200}/.test(await answer.text()));
    });

    for (const body of [
      {},
      [],
      { urls: 'https://a.example' },
      { urls: { length: 1 } },
      { urls: null },
      { urls: [] },
    ])
      rule(`refuses ${JSON.stringify(body)}`, async ({ post }) => {
        await assertProblem(await post(body), 400);
      });

    for (const item of [
      [],
      {},
      null,
      5,
      true,
      'a\nb',
      '\ud800',
      'https://u:p@a.example',
      `https://a.example/${'x'.repeat(8_192)}`,
    ])
      rule(`refuses ${JSON.stringify(item).slice(0, 40)} as a URL`, async ({ post }) => {
        const problem = await assertProblem(await post({ urls: [...urls, item] }), 400);
        assert.equal((problem.errors as { index: number }[])[0]?.index, 2);
      });

    rule('ignores keys that it does not know', async ({ post }) => {
      assert.equal((await post({ urls, priority: 9, jobId: unknownId })).status, 202);
    });

    rule(
      'is told to come back when too many uploads wait',
      async ({ post, uploader }) => {
        await (await post({ urls })).text();
        const answer = await post({ urls: ['https://source.example/c.png'] });
        await assertProblem(answer, 429);
        assert.match(String(answer.headers.get('retry-after')), /^[1-9][0-9]*$/);
        assert.equal((await uploader.jobs()).items.length, 1);
      },
      { settings: { maxWaiting: 2 } },
    );

    rule(
      'of more URLs than may ever wait at once is not told to come back, but to send fewer',
      async ({ post, uploader }) => {
        const answer = await post({ urls: [...urls, 'https://source.example/c.png'] });
        const problem = await assertProblem(answer, 400);
        assert.match(String(problem.detail), /^3 URLs are more than the 2 that may wait .*send fewer$/);
        assert.deepEqual(problem.errors, [{ pointer: '#/urls', reason: problem.detail }]);
        assert.equal(answer.headers.get('retry-after'), null);
        assert.equal((await uploader.jobs()).items.length, 0);
      },
      { settings: { maxWaiting: 2 } },
    );
  });
}
