import assert from 'node:assert/strict';

import { jsonOf } from './answers.ts';
import type { SceneChanges } from './scene.ts';
import type { Stage } from './stage.ts';

/** The description of the endpoints. */
export function testOpenApi({ describe, rule, at }: Stage): void {
  const path = at('/v1/openapi.json');

  describe('the description', () => {
    rule('is an OpenAPI document for the place where the endpoints are mounted', async ({ fetch }) => {
      const document = await jsonOf(await fetch(path));
      assert.match(String(document.openapi), /^3\.1\./);
      assert.deepEqual(document.servers, [{ url: at('') || '/' }]);
    });

    rule('is looked at again each time, and sent again only when it is another', async ({ fetch }) => {
      const { headers } = await fetch(path);
      const etag = String(headers.get('etag'));
      assert.equal(headers.get('cache-control'), 'private, no-cache');
      for (const known of [etag, `W/${etag}`, `"older", ${etag}`, '*']) {
        const answer = await fetch(path, { headers: { 'if-none-match': known } });
        assert.deepEqual([answer.status, answer.headers.get('etag'), await answer.text()], [304, etag, '']);
      }
      for (const other of ['"older"', etag.slice(1, -1), ''])
        assert.equal((await fetch(path, { headers: { 'if-none-match': other } })).status, 200);
    });

    const locked: SceneChanges = {
      options: { authorize: async () => new Response('who are you?', { status: 401 }) },
    };
    rule(
      'is for those alone whom authorize lets pass',
      async ({ fetch }) => {
        const answer = await fetch(path, { headers: { 'if-none-match': '*' } });
        assert.deepEqual([answer.status, await answer.text()], [401, 'who are you?']);
      },
      locked,
    );
  });
}
