import assert from 'node:assert/strict';

import { assertProblem } from './answers.ts';
import type { Scene, SceneChanges } from './scene.ts';
import type { Stage } from './stage.ts';

const app = 'https://app.example';

/** What pages of other origins may change. */
export function testOrigins({ describe, rule, at, uploadPath }: Stage): void {
  /** What each of the writes is answered. Those of a job are of one that is there. */
  const writes = async ({ fetch, uploader }: Scene, headers: Record<string, string>): Promise<Response[]> => {
    const { jobId } = await uploader.submit(['https://source.example/a.png']);
    const job = `${uploadPath}/${jobId}`;
    const body = JSON.stringify({ urls: ['https://source.example/b.png'] });
    return [
      await fetch(uploadPath, {
        method: 'POST',
        body,
        headers: { ...headers, 'content-type': 'application/json' },
      }),
      await fetch(`${job}/pause`, { method: 'POST', headers }),
      await fetch(`${job}/resume`, { method: 'POST', headers }),
      await fetch(`${job}/retry`, { method: 'POST', headers }),
      await fetch(at('/v1/queue/pause'), { method: 'POST', headers }),
      await fetch(at('/v1/queue/resume'), { method: 'POST', headers }),
      await fetch(job, { method: 'DELETE', headers }),
    ];
  };
  const asOperator: SceneChanges = { options: { operator: () => undefined } };
  const withCors: SceneChanges = { options: { ...asOperator.options, cors: { origins: [app] } } };

  describe('a page of another origin', () => {
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: app },
      { 'sec-fetch-site': 'cross-site', origin: 'null' },
      { origin: app },
      { origin: 'null' },
      { origin: 'nonsense' },
    ])
      rule(
        `changes nothing: ${JSON.stringify(headers)}`,
        async (scene) => {
          for (const answer of await writes(scene, headers as Record<string, string>))
            await assertProblem(answer, 403);
          const { items } = await scene.uploader.jobs();
          assert.deepEqual(
            items.map(({ paused, cancelled }) => [paused, cancelled]),
            [[false, false]],
          );
        },
        asOperator,
      );

    rule(
      'changes nothing when others are allowed',
      async (scene) => {
        const evil = { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.evil' };
        for (const answer of await writes(scene, evil)) await assertProblem(answer, 403);
      },
      withCors,
    );

    rule(
      'changes nothing when any page may read',
      async (scene) => {
        const headers = { 'sec-fetch-site': 'cross-site', origin: app };
        for (const answer of await writes(scene, headers)) await assertProblem(answer, 403);
        for (const origin of ['*', app]) {
          const old = await writes(scene, { origin });
          for (const answer of old) await assertProblem(answer, 403);
        }
        const read = await scene.fetch(at('/v1/images'), { headers });
        assert.equal(read.status, 200);
        assert.equal(read.headers.get('access-control-allow-origin'), '*');
        await read.text();
      },
      { options: { ...asOperator.options, cors: { origins: ['*'] } } },
    );

    rule(
      'that is named may beside any that may read',
      async (scene) => {
        for (const answer of await writes(scene, { 'sec-fetch-site': 'cross-site', origin: app }))
          assert.ok(answer.ok, await answer.text());
      },
      { options: { ...asOperator.options, cors: { origins: ['*', app] } } },
    );

    rule(
      'that is allowed may',
      async (scene) => {
        for (const answer of await writes(scene, { 'sec-fetch-site': 'cross-site', origin: app })) {
          assert.ok(answer.ok, await answer.text());
          assert.equal(answer.headers.get('access-control-allow-origin'), app);
        }
      },
      withCors,
    );

    rule('may read what its browser then keeps from it', async ({ fetch }) => {
      const headers = { 'sec-fetch-site': 'cross-site', origin: app };
      const answer = await fetch(at('/v1/images'), { headers });
      assert.equal(answer.status, 200);
      await answer.text();
    });
  });

  describe('who is no page of another origin', () => {
    for (const headers of [
      {},
      { 'sec-fetch-site': 'same-origin', origin: 'https://behind-a-proxy.example' },
      { 'sec-fetch-site': 'none' },
    ])
      rule(
        `may: ${JSON.stringify(headers)}`,
        async (scene) => {
          for (const answer of await writes(scene, headers as Record<string, string>))
            assert.ok(answer.ok, await answer.text());
        },
        asOperator,
      );

    rule(
      'may where the browser tells the origin alone, and it is the host that was asked',
      async (scene) => {
        for (const answer of await writes(scene, { origin: scene.origin }))
          assert.ok(answer.ok, await answer.text());
      },
      asOperator,
    );
  });
}
