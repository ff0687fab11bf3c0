import assert from 'node:assert/strict';

import { pictures } from '../a-service.ts';
import { assertProblem, jsonOf } from './answers.ts';
import { type Scene, type SceneChanges, urls } from './scene.ts';
import type { Stage } from './stage.ts';

const asOperator = { headers: { authorization: 'Bearer operator' } };
const guarded: SceneChanges = {
  options: {
    authorize: ({ headers }) =>
      headers.has('authorization') ? undefined : new Response('who are you?', { status: 401 }),
    operator: ({ headers }) =>
      headers.get('authorization') === 'Bearer operator'
        ? undefined
        : new Response('operators only', { status: 403 }),
  },
};
const empty = {
  waiting: 0,
  claimed: 0,
  delayed: 0,
  oldestMs: null,
  liveJobs: 0,
  paused: false,
  pausedHosts: [],
};
const steps = [
  ['GET', '/v1/queue'],
  ['POST', '/v1/queue/pause'],
  ['POST', '/v1/queue/resume'],
  ['POST', '/v1/hosts/fake/pause'],
  ['POST', '/v1/hosts/fake/resume'],
] as const;

/** What is for operators alone. */
export function testOperator({ describe, rule, at, assertNothing }: Stage): void {
  const post = async ({ fetch }: Scene, path: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(at(path), { method: 'POST', ...asOperator });
    assert.equal(answer.status, 200);
    return jsonOf(answer);
  };

  describe('what is for operators', () => {
    rule('is not there unless asked for', async ({ fetch, uploader }) => {
      for (const [method, path] of steps)
        await assertNothing(await fetch(at(path), { method, ...asOperator }));
      assert.equal((await uploader.stats()).queue.paused, false);
    });

    rule(
      'is asked of authorize first, and then of operator',
      async ({ fetch, uploader }) => {
        for (const [method, path] of steps) {
          const stranger = await fetch(at(path), { method });
          assert.deepEqual([stranger.status, await stranger.text()], [401, 'who are you?']);
          const user = await fetch(at(path), { method, headers: { authorization: 'Bearer user' } });
          assert.deepEqual([user.status, await user.text()], [403, 'operators only']);
        }
        const { paused, pausedHosts } = (await uploader.stats()).queue;
        assert.deepEqual([paused, pausedHosts], [false, []]);
      },
      guarded,
    );

    rule(
      'lets jobs be, which users may pause',
      async ({ fetch, uploader }) => {
        const { jobId } = await uploader.submit(urls);
        const path = at(`/v1/images/upload/${jobId}/pause`);
        const answer = await fetch(path, { method: 'POST', headers: { authorization: 'Bearer user' } });
        assert.equal(answer.status, 200);
        await answer.text();
      },
      guarded,
    );

    rule(
      'is for nobody when its hook throws',
      async ({ fetch, uploader, logged }) => {
        const answer = await fetch(at('/v1/queue/pause'), { method: 'POST' });
        assert.ok(!JSON.stringify(await assertProblem(answer, 500)).includes('hunter2'));
        assert.equal((await uploader.stats()).queue.paused, false);
        assert.equal(logged.length, 1);
      },
      {
        options: {
          operator: async () => {
            throw new Error('hunter2');
          },
        },
      },
    );

    rule(
      'shows what waits, for how long, and what is paused',
      async ({ fetch, uploader }) => {
        assert.deepEqual(await jsonOf(await fetch(at('/v1/queue'), asOperator)), empty);
        await uploader.submit(urls);
        const { oldestMs, ...queue } = await jsonOf(await fetch(at('/v1/queue'), asOperator));
        assert.equal(typeof oldestMs, 'number');
        const { oldestMs: _, ...nothing } = empty;
        assert.deepEqual(queue, { ...nothing, waiting: 2, liveJobs: 1 });
      },
      guarded,
    );

    rule(
      'pauses and resumes everything, also the second time',
      async (scene) => {
        for (const step of ['pause', 'pause', 'resume', 'resume'])
          assert.deepEqual(await post(scene, `/v1/queue/${step}`), { ...empty, paused: step === 'pause' });
      },
      guarded,
    );

    rule(
      'pauses and resumes a host, whatever it is called',
      async (scene) => {
        for (const name of ['fake', 'a host/b?', 'é']) {
          const path = `/v1/hosts/${encodeURIComponent(name)}`;
          assert.deepEqual(await post(scene, `${path}/pause`), { ...empty, pausedHosts: [name] });
          assert.deepEqual(await post(scene, `${path}/resume`), empty);
        }
      },
      guarded,
    );

    rule(
      'keeps all from being worked on, and lets it go on',
      async (scene) => {
        const { uploader, source } = scene;
        for (const path of ['/v1/queue', '/v1/hosts/fake']) {
          await post(scene, `${path}/pause`);
          const { jobId } = await uploader.submit(pictures(source, 1));
          uploader.start();
          assert.equal((await uploader.uploads(jobId))?.items[0]?.paused, true);
          await post(scene, `${path}/resume`);
          assert.equal((await uploader.finished(jobId))?.complete, 1);
        }
      },
      guarded,
    );

    for (const name of ['%00', '%0d%0a', 'x'.repeat(101)])
      rule(
        `knows no host ${name.slice(0, 20)}`,
        async ({ fetch }) => {
          const answer = await fetch(at(`/v1/hosts/${name}/pause`), { method: 'POST', ...asOperator });
          await assertProblem(answer, 404);
        },
        guarded,
      );
  });
}
