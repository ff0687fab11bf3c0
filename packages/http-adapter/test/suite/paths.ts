import assert from 'node:assert/strict';

import { assertProblem } from './answers.ts';
import { unknownId, urls } from './scene.ts';
import type { Stage } from './stage.ts';

/** Which methods are where, and nothing elsewhere. */
export function testPaths({ describe, rule, at, uploadPath, assertNothing }: Stage): void {
  describe('methods and paths', () => {
    for (const [path, allow] of [
      ['/v1/images/upload', 'POST'],
      [`/v1/images/upload/${unknownId}`, 'GET, HEAD, DELETE'],
      [`/v1/images/upload/${unknownId}/uploads`, 'GET, HEAD'],
      [`/v1/images/upload/${unknownId}/mapping`, 'GET, HEAD'],
      [`/v1/images/upload/${unknownId}/retry`, 'POST'],
      [`/v1/images/upload/${unknownId}/pause`, 'POST'],
      [`/v1/images/upload/${unknownId}/resume`, 'POST'],
      ['/v1/images', 'GET, HEAD'],
      ['/v1/openapi.json', 'GET, HEAD'],
      ['/healthz', 'GET, HEAD'],
    ] as const)
      rule(`${path} takes ${allow}`, async ({ fetch }) => {
        const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
        for (const method of methods.filter((each) => !allow.split(', ').includes(each))) {
          const answer = await fetch(at(path), { method });
          assert.equal(answer.headers.get('allow'), allow, method);
          if (method === 'HEAD') assert.equal(answer.status, 405);
          else await assertProblem(answer, 405);
        }
      });

    for (const path of [
      '/v1/images/',
      '/v1/images/upload/',
      '/v1//images',
      '/v1%2fimages',
      '/v1/images%2fupload',
      '/V1/images',
      '/v1/Images',
      '/v1/images/upload/x/y',
      `/v1/images/upload/${unknownId}/`,
      `/v1/images/upload/${unknownId}/events`,
      `/v1/images/upload/${unknownId}/uploads/`,
      '/v2/images',
      '/toString',
    ])
      rule(`${path} is nothing`, async ({ fetch }) => {
        await assertNothing(await fetch(at(path)));
      });

    rule('of an id that no job can have is 404', async ({ fetch }) => {
      for (const odd of ['1', unknownId.toUpperCase(), `${unknownId}x`, '%00', '__proto__'])
        for (const [method, end] of [
          ['GET', '/mapping'],
          ['GET', '/uploads'],
          ['POST', '/retry'],
          ['POST', '/pause'],
          ['POST', '/resume'],
          ['DELETE', ''],
        ] as const)
          await assertProblem(await fetch(at(`/v1/images/upload/${odd}${end}`), { method }), 404);
    });

    rule('HEAD is GET without a body', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      const paths = [
        at('/v1/images'),
        `${uploadPath}/${jobId}`,
        `${uploadPath}/${jobId}/uploads?limit=1`,
        `${uploadPath}/${jobId}/mapping`,
        at('/healthz'),
      ];
      for (const path of paths) {
        const [got, head] = [await fetch(path), await fetch(path, { method: 'HEAD' })];
        assert.equal(head.status, 200);
        assert.equal(head.headers.get('content-type'), got.headers.get('content-type'));
        assert.equal(head.headers.get('link'), got.headers.get('link'));
        assert.equal(await head.text(), '');
        await got.text();
      }
      const missing = await fetch(`${uploadPath}/${unknownId}`, { method: 'HEAD' });
      assert.deepEqual([missing.status, await missing.text()], [404, '']);
    });
  });
}
