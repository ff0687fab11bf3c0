import assert from 'node:assert/strict';

import { pictures } from '../a-service.ts';
import { assertProblem, jsonOf, placesOf, viewOf } from './answers.ts';
import { type Scene, unknownId, urls } from './scene.ts';
import type { Stage } from './stage.ts';

const gone = ['https://source.example/gone', 'https://source.example/away'];

/** What changes a job that is there. */
export function testSteering({ describe, rule, rawRule, uploadPath }: Stage): void {
  const steer = (
    { fetch }: Pick<Scene, 'fetch'>,
    jobId: string,
    step: 'retry' | 'pause' | 'resume',
    body?: unknown,
  ): Promise<Response> =>
    fetch(`${uploadPath}/${jobId}/${step}`, {
      method: 'POST',
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });

  describe('cancel', () => {
    rule('answers the job as it is then, also the second time', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      const cancel = async () => viewOf(await fetch(`${uploadPath}/${jobId}`, { method: 'DELETE' }));
      const view = await cancel();
      assert.equal(view.status, 'complete');
      assert.deepEqual(view.uploaded, { pending: [], complete: [], failed: urls });
      assert.deepEqual(await cancel(), view);
    });

    rule('of a job that is unknown is 404', async ({ fetch }) => {
      await assertProblem(await fetch(`${uploadPath}/${unknownId}`, { method: 'DELETE' }), 404);
    });
  });

  describe('retry', () => {
    /** A job with one link and two failures, whose uploads nobody works on any more. */
    const failedJob = async ({ uploader, source }: Scene): Promise<string> => {
      const { jobId } = await uploader.submit([...pictures(source, 1), ...gone]);
      uploader.start();
      await uploader.finished(jobId);
      await uploader.stop();
      return jobId;
    };
    const attemptsOf = async ({ fetch }: Pick<Scene, 'fetch'>, jobId: string): Promise<number[]> => {
      const { uploads } = await jsonOf(await fetch(`${uploadPath}/${jobId}/uploads`));
      return (uploads as { attempts: number }[]).map(({ attempts }) => attempts);
    };
    const waiting = async ({ uploader }: Scene, jobId: string): Promise<string[]> =>
      ((await uploader.uploads(jobId, { status: 'waiting' }))?.items ?? []).map(({ url }) => url);

    rule('answers 202, the id and where the job is, and runs all that failed', async (scene) => {
      const jobId = await failedJob(scene);
      const answer = await steer(scene, jobId, 'retry');
      assert.equal(answer.status, 202);
      assert.equal(answer.headers.get('location'), `${uploadPath}/${jobId}`);
      assert.deepEqual(await jsonOf(answer), { jobId });
      assert.deepEqual(await waiting(scene, jobId), gone);
      const view = await viewOf(await scene.fetch(`${uploadPath}/${jobId}`));
      assert.deepEqual([view.status, view.finished], ['in-progress', null]);
    });

    for (const [body, expected] of [
      [{}, gone],
      [{ urls: gone.slice(1) }, gone.slice(1)],
      [{ codes: ['source_status'] }, gone],
      [{ codes: ['poison', 'too_large'] }, []],
      [{ urls: gone.slice(0, 1), codes: ['source_status'] }, gone.slice(0, 1)],
      [{ urls: gone, codes: ['cancelled'] }, []],
      [{ urls: [] }, []],
      [{ codes: [] }, []],
    ] as const)
      rule(`with ${JSON.stringify(body)} runs those that match it`, async (scene) => {
        const jobId = await failedJob(scene);
        assert.equal((await steer(scene, jobId, 'retry', body)).status, 202);
        assert.deepEqual(await waiting(scene, jobId), expected);
      });

    rule('goes on counting the attempts of what runs again', async ({ uploader, source, fetch }) => {
      const { jobId } = await uploader.submit([...pictures(source, 1), ...gone]);
      uploader.start();
      await uploader.finished(jobId);
      assert.deepEqual(await attemptsOf({ fetch }, jobId), [1, 1, 1]);
      assert.equal((await steer({ fetch }, jobId, 'retry')).status, 202);
      await uploader.finished(jobId);
      assert.deepEqual(await attemptsOf({ fetch }, jobId), [1, 2, 2]);
    });

    for (const [body, place] of [
      [[], { pointer: '#' }],
      [{ urls: 'https://a.example' }, { pointer: '#/urls' }],
      [{ urls: null }, { pointer: '#/urls' }],
      [{ urls: [gone[0], gone[1], 5] }, { index: 2, pointer: '#/urls/2' }],
      [{ codes: { 0: 'poison' } }, { pointer: '#/codes' }],
      [{ codes: ['nonsense'] }, { index: 0, pointer: '#/codes/0' }],
      [{ codes: ['poison', 'toString'] }, { index: 1, pointer: '#/codes/1' }],
      [{ codes: ['poison', null] }, { index: 1, pointer: '#/codes/1' }],
      [{ url: gone }, { pointer: '#/url' }],
      [{ 'a/b~c"': 1 }, { pointer: '#/a~1b~0c%22' }],
    ] as const)
      rule(`refuses ${JSON.stringify(body)}, says where, and runs nothing`, async (scene) => {
        const jobId = await failedJob(scene);
        const problem = await assertProblem(await steer(scene, jobId, 'retry', body), 400);
        assert.deepEqual(placesOf(problem), [place]);
        assert.deepEqual(await waiting(scene, jobId), []);
      });

    rawRule('refuses a body that does not say it is JSON', async (scene) => {
      const jobId = await failedJob(scene);
      const body = Buffer.from(JSON.stringify({ urls: gone }));
      for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
        const init = { method: 'POST', body, headers: { 'content-type': type } };
        const answer = await scene.fetch(`${uploadPath}/${jobId}/retry`, init);
        assert.deepEqual(placesOf(await assertProblem(answer, 415)), [{ header: 'Content-Type' }]);
      }
      const untyped = await scene.fetch(`${uploadPath}/${jobId}/retry`, { method: 'POST', body });
      await assertProblem(untyped, 415);
      assert.deepEqual(await waiting(scene, jobId), []);
    });

    rawRule('takes a type without a body for no body', async (scene) => {
      const jobId = await failedJob(scene);
      const headers = { 'content-type': 'application/json' };
      const answer = await scene.fetch(`${uploadPath}/${jobId}/retry`, { method: 'POST', headers });
      assert.equal(answer.status, 202);
      await answer.text();
      assert.deepEqual(await waiting(scene, jobId), gone);
    });

    rule(
      'with which too many would wait is 429, told when to come back, and runs nothing',
      async (scene) => {
        const { jobId } = await scene.uploader.submit(urls);
        await scene.uploader.cancel(jobId);
        const other = await scene.uploader.submit(urls.slice(0, 1));
        for (const body of [undefined, { codes: ['cancelled'] }]) {
          const answer = await steer(scene, jobId, 'retry', body);
          assert.match(String(answer.headers.get('retry-after')), /^[1-9][0-9]*$/);
          await assertProblem(answer, 429);
        }
        assert.equal((await scene.uploader.stats()).queue.waiting, 1);
        assert.equal((await scene.uploader.job(jobId))?.failed, urls.length);
        await scene.uploader.cancel(other.jobId);
        assert.equal((await steer(scene, jobId, 'retry')).status, 202);
      },
      { settings: { maxWaiting: 2 } },
    );

    rule('of a job that is unknown is 404', async (scene) => {
      await assertProblem(await steer(scene, unknownId, 'retry'), 404);
      await assertProblem(await steer(scene, unknownId, 'retry', { codes: ['poison'] }), 404);
    });
  });

  describe('pause and resume', () => {
    rule('answer the job, in the shape that it always has, also the second time', async (scene) => {
      const { jobId } = await scene.uploader.submit(urls);
      const view = await viewOf(await scene.fetch(`${uploadPath}/${jobId}`));
      for (const step of ['pause', 'pause', 'resume', 'resume'] as const) {
        assert.deepEqual(await viewOf(await steer(scene, jobId, step)), view);
        assert.equal((await scene.uploader.job(jobId))?.paused, step === 'pause');
      }
    });

    rule('keep a job from being worked on, and let it go on', async (scene) => {
      const { uploader, source } = scene;
      const paused = await uploader.submit(pictures(source, 1));
      await (await steer(scene, paused.jobId, 'pause')).text();
      const other = await uploader.submit(pictures(source, 2).slice(1));
      uploader.start();
      await uploader.finished(other.jobId);
      assert.equal((await uploader.job(paused.jobId))?.status, 'pending');
      await (await steer(scene, paused.jobId, 'resume')).text();
      assert.equal((await uploader.finished(paused.jobId))?.complete, 1);
    });

    rule('ignore a body', async (scene) => {
      const { jobId } = await scene.uploader.submit(urls);
      for (const step of ['pause', 'resume'] as const)
        assert.equal((await viewOf(await steer(scene, jobId, step, { until: 'tomorrow' }))).id, jobId);
    });

    rule('of a job that is unknown are 404', async (scene) => {
      await assertProblem(await steer(scene, unknownId, 'pause'), 404);
      await assertProblem(await steer(scene, unknownId, 'resume'), 404);
    });
  });
}
