import assert from 'node:assert/strict';

import * as v from 'valibot';

import { eventSchemas } from '../../src/openapi/event-schemas.ts';
import { pictures } from '../a-service.ts';
import { clientOf, type EventClient, typesOf } from '../event-client.ts';
import { assertProblem } from './answers.ts';
import { gone, type Scene, unknownId, urls } from './scene.ts';
import type { Stage } from './stage.ts';

/** What happens to a job, as server-sent events. */
export function testEvents({ describe, rule, uploadPath }: Stage): void {
  const open = async ({ fetch }: Scene, jobId: string, id?: string): Promise<EventClient> =>
    clientOf(
      await fetch(
        `${uploadPath}/${jobId}/events`,
        id === undefined ? {} : { headers: { 'last-event-id': id } },
      ),
    );

  describe('events', () => {
    rule('begin with how the job is, go on as it goes, and end with it', async (scene) => {
      const { uploader, source } = scene;
      const [url] = pictures(source, 1);
      const gone = 'https://source.example/gone.png';
      const { jobId } = await uploader.submit([String(url), gone], {
        album: 'a1b2c3',
        metadata: { of: 'mine' },
      });
      const client = await open(scene, jobId);
      assert.equal(client.answer.status, 200);
      const header = (name: string) => client.answer.headers.get(name);
      assert.equal(header('content-type'), 'text/event-stream');
      assert.equal(header('cache-control'), 'no-store, no-transform');
      assert.equal(header('x-accel-buffering'), 'no');
      assert.equal(header('content-encoding'), null);
      const [snapshot] = await client.until('snapshot');
      assert.equal(snapshot?.data.job.waiting, 2);
      uploader.start();
      const events = await client.all();
      const types = typesOf(events);
      assert.deepEqual([types[0], types[1], types.at(-1)], ['snapshot', 'job:started', 'job:finished']);
      assert.deepEqual(types.slice(2, -1).toSorted(), ['upload:completed', 'upload:failed']);
      for (const { type, data } of events) v.assert(eventSchemas[type as keyof typeof eventSchemas], data);
      assert.ok(!JSON.stringify(events).includes('a1b2c3') && !JSON.stringify(events).includes('mine'));
      const last = events.at(-1);
      assert.deepEqual([last?.data.job.complete, last?.data.job.failed], [1, 1]);
      assert.ok(Number(client.parser.retryMs) >= 2_000 && Number(client.parser.retryMs) <= 5_000);
      const again = await open(scene, jobId, last?.id);
      assert.equal(again.answer.status, 204);
      assert.deepEqual(await again.all(), []);
    });

    rule(
      'leave their place as soon as the client does',
      async (scene) => {
        const { jobId } = await scene.uploader.submit(urls);
        const client = await open(scene, jobId);
        await client.until('snapshot');
        await assertProblem(await scene.fetch(`${uploadPath}/${jobId}/events`), 503);
        await client.leave();
        for (;;) {
          const next = await open(scene, jobId);
          await next.leave();
          if (next.answer.status === 200) return;
          assert.equal(next.answer.headers.get('retry-after'), '5');
        }
      },
      { options: { maxEventStreams: 1 } },
    );

    rule(
      'are asked for by HEAD without a place being taken',
      async (scene) => {
        const { jobId } = await scene.uploader.submit(urls);
        const head = async () => scene.fetch(`${uploadPath}/${jobId}/events`, { method: 'HEAD' });
        for (const answer of [await head(), await head()]) {
          assert.equal(answer.status, 200);
          assert.equal(answer.headers.get('content-type'), 'text/event-stream');
          assert.equal(await answer.text(), '');
        }
        const client = await open(scene, jobId);
        assert.equal(client.answer.status, 200);
        await client.leave();
      },
      { options: { maxEventStreams: 1 } },
    );

    rule('of a job that is unknown are 404', async ({ fetch }) => {
      await assertProblem(await fetch(`${uploadPath}/${unknownId}/events`), 404);
    });

    rule(
      'of a store that is away are 503 and when to come back',
      async ({ fetch }) => {
        const answer = await fetch(`${uploadPath}/${unknownId}/events`);
        assert.equal(answer.headers.get('retry-after'), '3');
        await assertProblem(answer, 503);
      },
      { store: () => ({ get: gone }) },
    );
  });
}
