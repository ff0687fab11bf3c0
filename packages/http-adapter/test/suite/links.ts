import assert from 'node:assert/strict';

import { pictures } from '../a-service.ts';
import { assertProblem, follow, jsonOf } from './answers.ts';
import type { Stage } from './stage.ts';

/** Every link there is. */
export function testLinks({ describe, rule, at }: Stage): void {
  describe('the links', () => {
    rule('are an empty list at first', async ({ fetch }) => {
      const answer = await fetch(at('/v1/images'));
      assert.equal(answer.status, 200);
      assert.deepEqual(await jsonOf(answer), { uploaded: [] });
    });

    rule(
      'are all there are, in the order of completion',
      async ({ uploader, source, fetch }) => {
        const { jobId } = await uploader.submit(pictures(source, 5));
        uploader.start();
        await uploader.finished(jobId);
        const links = [1, 2, 3, 4, 5].map((place) => `https://img.example/${place}`);
        assert.deepEqual(await jsonOf(await fetch(at('/v1/images'))), { uploaded: links });
        const pages = await follow(at('/v1/images?limit=2'), fetch);
        assert.deepEqual(
          pages.map(({ uploaded }) => uploaded),
          [links.slice(0, 2), links.slice(2, 4), links.slice(4)],
        );
      },
      { settings: { concurrency: 1 } },
    );

    for (const query of ['limit=', 'limit=-1', 'limit=1001', 'limit=1.5', 'cursor=', 'cursor=forged'])
      rule(`refuse ?${query}`, async ({ fetch }) => {
        await assertProblem(await fetch(at(`/v1/images?${query}`)), 400);
      });
  });
}
