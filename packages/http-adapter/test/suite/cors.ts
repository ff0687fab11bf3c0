import assert from 'node:assert/strict';

import { assertProblem } from './answers.ts';
import { type SceneChanges, unknownId, urls } from './scene.ts';
import type { Stage } from './stage.ts';

/** Pages of other origins. */
export function testCors({ describe, rule, at, uploadPath }: Stage): void {
  describe('CORS', () => {
    const preflight = {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    };
    const cors: SceneChanges = { options: { cors: { origins: ['https://app.example'] } } };

    rule('is off unless asked for', async ({ fetch }) => {
      const answer = await fetch(at('/v1/images'), { headers: { origin: 'https://app.example' } });
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
      await answer.text();
      await assertProblem(await fetch(uploadPath, preflight), 405);
    });

    rule(
      'answers a page that is allowed, before and with the request',
      async ({ fetch }) => {
        const before = await fetch(uploadPath, preflight);
        assert.equal(before.status, 204);
        assert.equal(before.headers.get('access-control-allow-origin'), 'https://app.example');
        assert.equal(before.headers.get('access-control-allow-methods'), 'POST');
        const allowed = String(before.headers.get('access-control-allow-headers')).split(', ');
        assert.deepEqual(allowed, [
          'Authorization',
          'Content-Type',
          'Idempotency-Key',
          'If-None-Match',
          'Last-Event-ID',
        ]);
        const answer = await fetch(`${uploadPath}/${unknownId}`, {
          headers: { origin: 'https://app.example' },
        });
        assert.equal(answer.status, 404);
        assert.equal(answer.headers.get('access-control-allow-origin'), 'https://app.example');
        assert.equal(answer.headers.get('access-control-allow-credentials'), null);
        assert.equal(answer.headers.get('vary'), 'Origin');
        await answer.text();
      },
      cors,
    );

    for (const [path, methods] of [
      ['retry', 'POST'],
      ['pause', 'POST'],
      ['resume', 'POST'],
      ['mapping', 'GET, HEAD'],
    ] as const)
      rule(
        `lets a page know that ${path} takes ${methods}`,
        async ({ fetch }) => {
          const answer = await fetch(`${uploadPath}/${unknownId}/${path}`, preflight);
          assert.equal(answer.headers.get('access-control-allow-methods'), methods);
        },
        cors,
      );

    rule(
      'lets a page read where a job is, when to come back, and what comes next',
      async ({ fetch, uploader }) => {
        const { jobId } = await uploader.submit(urls);
        const headers = { origin: 'https://app.example', accept: 'text/csv' };
        const answer = await fetch(`${uploadPath}/${jobId}/mapping`, { headers });
        assert.equal(
          answer.headers.get('access-control-expose-headers'),
          'Content-Disposition, ETag, Link, Location, Retry-After',
        );
        assert.equal(answer.headers.get('vary'), 'Origin, Accept');
        await answer.text();
      },
      cors,
    );

    rule(
      'tells other pages nothing',
      async ({ fetch }) => {
        const headers = { ...preflight.headers, origin: 'https://app.example.evil' };
        for (const answer of [
          await fetch(uploadPath, { ...preflight, headers }),
          await fetch(at('/v1/images'), { headers }),
        ]) {
          assert.equal(answer.headers.get('access-control-allow-origin'), null);
          assert.equal(answer.headers.get('access-control-allow-methods'), null);
          assert.equal(answer.headers.get('vary'), 'Origin');
          await answer.text();
        }
      },
      cors,
    );
  });
}
