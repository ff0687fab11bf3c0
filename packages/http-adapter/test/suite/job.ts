import assert from 'node:assert/strict';

import { pictures } from '../a-service.ts';
import { assertProblem, isoTime, jsonOf, viewAfter, viewOf } from './answers.ts';
import { unknownId, urls } from './scene.ts';
import type { Stage } from './stage.ts';

/** The view of a job. */
export function testJob({ describe, rule, uploadPath }: Stage): void {
  describe('the view of a job', () => {
    rule('has exactly its keys while nothing has begun', async ({ post, fetch }) => {
      const view = await viewAfter(await post({ urls }), fetch);
      assert.deepEqual(Object.keys(view), ['id', 'created', 'finished', 'status', 'uploaded']);
      assert.deepEqual(view.uploaded, { pending: urls, complete: [], failed: [] });
      assert.deepEqual(Object.keys(view.uploaded), ['pending', 'complete', 'failed']);
      assert.equal(view.status, 'pending');
      assert.equal(view.finished, null);
      assert.match(view.created, isoTime);
    });

    rule(
      'has links and failed URLs in the order of the request',
      async ({ post, fetch, uploader, source }) => {
        const there = pictures(source, 5);
        const wanted = [there[4], 'https://source.example/gone', there[0], there[2]].map(String);
        const answer = await post({ urls: wanted });
        const { jobId } = await jsonOf(answer);
        uploader.start();
        await uploader.finished(String(jobId));
        const view = await viewAfter(answer, fetch);
        const kept = await uploader.uploads(String(jobId));
        assert.equal(view.status, 'complete');
        assert.match(String(view.finished), isoTime);
        assert.deepEqual(view.uploaded.pending, []);
        assert.deepEqual(view.uploaded.failed, ['https://source.example/gone']);
        assert.equal(view.uploaded.complete.length, 3);
        assert.deepEqual(
          view.uploaded.complete,
          kept?.items.flatMap(({ link }) => link ?? []),
        );
      },
      { settings: { concurrency: 1 } },
    );

    rule('is in progress while an upload is under way', async ({ post, fetch, uploader, source, host }) => {
      const held = host.hold();
      const answer = await post({ urls: pictures(source, 1) });
      uploader.start();
      await held.waitFor(1);
      const view = await viewAfter(answer, fetch);
      assert.deepEqual([view.status, view.finished, view.uploaded.pending.length], ['in-progress', null, 1]);
      held.release();
    });

    rule('of 10,000 URLs is whole', async ({ uploader, fetch }) => {
      const many = Array.from({ length: 10_000 }, (_, index) => `https://source.example/${index}`);
      const { jobId } = await uploader.submit(many);
      const answer = await fetch(`${uploadPath}/${jobId}`);
      assert.deepEqual((await viewOf(answer)).uploaded, { pending: many, complete: [], failed: [] });
    });

    rule('is not for caches and is nothing but JSON', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      const { headers } = await fetch(`${uploadPath}/${jobId}`);
      assert.equal(headers.get('content-type'), 'application/json');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
    });

    rule('of a job that is unknown is 404', async ({ fetch }) => {
      await assertProblem(await fetch(`${uploadPath}/${unknownId}`), 404);
    });

    const asked: string[] = [];
    rule(
      'is never asked for by an id of another shape',
      async ({ fetch }) => {
        for (const odd of [
          '1',
          '*',
          '{tag}',
          '%00',
          '%2e%2e%2f',
          '..%2f..',
          unknownId.toUpperCase(),
          `${unknownId}%0d%0a`,
          `${unknownId}x`,
          '__proto__',
          'x'.repeat(8_000),
        ])
          await assertProblem(await fetch(`${uploadPath}/${odd}`), 404);
        assert.deepEqual(asked, []);
      },
      {
        store: (store) => ({
          uploads: (jobId, page) => {
            asked.push(jobId);
            return store.uploads(jobId, page);
          },
        }),
      },
    );
  });
}
