import assert from 'node:assert/strict';

import { assertProblem } from './answers.ts';
import { gone, unknownId, urls } from './scene.ts';
import type { Stage } from './stage.ts';

/** What is answered when the store does not. */
export function testStoreAway({ describe, rule, at, uploadPath }: Stage): void {
  describe('a store that is away', () => {
    rule(
      'is 503 and when to come back, on every endpoint, and is logged',
      async ({ fetch, post, logged }) => {
        const answers = [
          await post({ urls }),
          await fetch(`${uploadPath}/${unknownId}`),
          await fetch(`${uploadPath}/${unknownId}/uploads`),
          await fetch(`${uploadPath}/${unknownId}/mapping`),
          await fetch(`${uploadPath}/${unknownId}`, { method: 'DELETE' }),
          await fetch(`${uploadPath}/${unknownId}/retry`, { method: 'POST' }),
          await fetch(`${uploadPath}/${unknownId}/pause`, { method: 'POST' }),
          await fetch(`${uploadPath}/${unknownId}/resume`, { method: 'POST' }),
          await fetch(at('/v1/queue')),
          await fetch(at('/v1/queue/pause'), { method: 'POST' }),
          await fetch(at('/v1/hosts/fake/resume'), { method: 'POST' }),
          await fetch(at('/v1/images')),
          await fetch(at('/v1/images?limit=1')),
        ];
        for (const answer of answers) {
          assert.equal(answer.headers.get('retry-after'), '3');
          assert.ok(!JSON.stringify(await assertProblem(answer, 503)).includes('10.0.0.7'));
        }
        assert.equal(logged.length, answers.length);
      },
      {
        options: { operator: () => undefined },
        store: () => ({
          create: gone,
          uploads: gone,
          cancel: gone,
          retry: gone,
          pause: gone,
          resume: gone,
          stats: gone,
          links: gone,
        }),
      },
    );

    rule(
      'that is broken is 500 without a word of how',
      async ({ fetch, logged }) => {
        const answer = await fetch(`${uploadPath}/${unknownId}`);
        assert.ok(!JSON.stringify(await assertProblem(answer, 500)).includes('hunter2'));
        assert.equal(logged[0]?.message, 'a request could not be answered');
      },
      {
        store: () => ({
          uploads: async () => {
            throw new Error('password hunter2');
          },
        }),
      },
    );
  });
}
