import assert from 'node:assert/strict';

import { assertProblem } from './answers.ts';
import { type SceneChanges, urls } from './scene.ts';
import type { Stage } from './stage.ts';

/** Who may. */
export function testAuthorize({ describe, rule, at, assertNothing }: Stage): void {
  describe('authorize', () => {
    const refusing: SceneChanges = {
      options: {
        authorize: async ({ headers, url }) => {
          if (new URL(url).pathname.endsWith('/v1/images')) throw new Error('hunter2');
          if (headers.get('authorization') === 'Bearer right') return undefined;
          return new Response('who are you?', { status: 401, headers: { 'www-authenticate': 'Bearer' } });
        },
      },
    };

    rule(
      'lets pass or answers itself',
      async ({ post }) => {
        const refused = await post({ urls });
        assert.equal(refused.status, 401);
        assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
        assert.equal(await refused.text(), 'who are you?');
        assert.equal((await post({ urls }, { authorization: 'Bearer right' })).status, 202);
      },
      refusing,
    );

    rule(
      'is not asked about health, nor about a path without an endpoint',
      async ({ fetch }) => {
        assert.equal((await fetch(at('/healthz'))).status, 200);
        await assertNothing(await fetch(at('/elsewhere')));
      },
      refusing,
    );

    rule(
      'that throws lets nobody pass',
      async ({ fetch, logged }) => {
        const problem = await assertProblem(await fetch(at('/v1/images')), 500);
        assert.ok(!JSON.stringify(problem).includes('hunter2'));
        assert.equal(logged.length, 1);
      },
      refusing,
    );
  });
}
