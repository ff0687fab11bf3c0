import assert from 'node:assert/strict';

import { pictures } from '../a-service.ts';
import { assertProblem, follow, isoTime, jsonOf } from './answers.ts';
import { unknownId, urls } from './scene.ts';
import type { Stage } from './stage.ts';

const uploadKeys = [
  'index',
  'url',
  'status',
  'link',
  'failure',
  'attempts',
  'bytes',
  'type',
  'width',
  'height',
  'possiblyDuplicated',
  'reused',
  'paused',
  'started',
  'finished',
];

/** The uploads of a job. */
export function testUploads({ describe, rule, uploadPath }: Stage): void {
  describe('the uploads of a job', () => {
    rule('have all that is known of each', async ({ uploader, source, fetch }) => {
      const [there] = pictures(source, 1);
      const { jobId } = await uploader.submit([String(there), 'https://source.example/gone']);
      uploader.start();
      await uploader.finished(jobId);
      const { uploads } = (await jsonOf(await fetch(`${uploadPath}/${jobId}/uploads`))) as {
        uploads: Record<string, unknown>[];
      };
      const [complete, failed] = uploads;
      assert.deepEqual(Object.keys(complete ?? {}).sort(), [...uploadKeys].sort());
      assert.deepEqual(
        [complete?.index, complete?.url, complete?.status, complete?.link, complete?.type, complete?.failure],
        [0, there, 'complete', 'https://img.example/1', 'image/png', null],
      );
      assert.match(String(complete?.finished), isoTime);
      assert.deepEqual(Object.keys(failed?.failure ?? {}), ['code', 'message']);
      assert.deepEqual([failed?.status, failed?.link], ['failed', null]);
    });

    rule('come in pages that lead to one another', async ({ uploader, fetch }) => {
      const many = Array.from({ length: 5 }, (_, index) => `https://source.example/${index}`);
      const { jobId } = await uploader.submit(many);
      const pages = await follow(`${uploadPath}/${jobId}/uploads?limit=2&status=waiting`, fetch);
      assert.deepEqual(
        pages.map(({ uploads }) => (uploads as { url: string }[]).map(({ url }) => url)),
        [many.slice(0, 2), many.slice(2, 4), many.slice(4)],
      );
    });

    rule('can be those of one status', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      assert.deepEqual(await jsonOf(await fetch(`${uploadPath}/${jobId}/uploads?status=failed`)), {
        uploads: [],
      });
    });

    for (const query of [
      'status=pending',
      'status=',
      'limit=0',
      'limit=1001',
      'cursor=forged',
      'limit=1&limit=2',
    ])
      rule(`refuse ?${query}`, async ({ uploader, fetch }) => {
        const { jobId } = await uploader.submit(urls);
        await assertProblem(await fetch(`${uploadPath}/${jobId}/uploads?${query}`), 400);
      });

    rule('of a job that is unknown are 404', async ({ fetch }) => {
      await assertProblem(await fetch(`${uploadPath}/${unknownId}/uploads`), 404);
    });
  });
}
