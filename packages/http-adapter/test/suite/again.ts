import assert from 'node:assert/strict';

import { assertProblem, jsonOf } from './answers.ts';
import { urls } from './scene.ts';
import type { Stage } from './stage.ts';

const keyed = { 'idempotency-key': 'order-1' };
const three = [...urls, 'https://source.example/c.png'];

/** Submits that are sent again, and those that come when it is full. */
export function testAgain({ describe, rule, uploadPath }: Stage): void {
  describe('a submit that is sent again', () => {
    rule('at once and fifty times is one job, and all are told its id', async ({ post, uploader }) => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => post({ urls }, keyed)));
      const ids = await Promise.all(answers.map(async (answer) => (await jsonOf(answer)).jobId));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
      const { items } = await uploader.jobs();
      assert.deepEqual([...new Set(ids)], [...items.map(({ id }) => id)]);
    });

    rule('at once with several bodies is one job, and the others are refused', async ({ post, uploader }) => {
      const bodies = Array.from({ length: 20 }, (_, number) => [`https://source.example/${number % 4}`]);
      const answers = await Promise.all(bodies.map((each) => post({ urls: each }, keyed)));
      const statuses = await Promise.all(
        answers.map(async (answer) => {
          if (answer.status === 202) await answer.text();
          else await assertProblem(answer, 422);
          return answer.status;
        }),
      );
      assert.deepEqual(statuses.toSorted(), [...Array(5).fill(202), ...Array(15).fill(422)]);
      assert.equal((await uploader.jobs()).items.length, 1);
    });

    rule('is the same job when duplicates are all that differs', async ({ post }) => {
      const first = await jsonOf(await post({ urls }, keyed));
      assert.deepEqual(await jsonOf(await post({ urls: [...urls, urls[0]] }, keyed)), first);
    });

    rule('is the same job when it is complete', async ({ post, uploader }) => {
      const first = await jsonOf(await post({ urls }, keyed));
      await uploader.cancel(String(first.jobId));
      assert.deepEqual(await jsonOf(await post({ urls }, keyed)), first);
    });

    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    rule(
      'because its connection was cut before the answer is the same job',
      async ({ fetch, uploader, post }) => {
        const leaving = new AbortController();
        const headers = { 'content-type': 'application/json', ...keyed };
        const body = JSON.stringify({ urls });
        const cut = fetch(uploadPath, { method: 'POST', body, headers, signal: leaving.signal }).catch(
          () => {},
        );
        await reached.promise;
        leaving.abort();
        const again = post({ urls }, keyed);
        released.resolve();
        const { jobId } = await jsonOf(await again);
        await cut;
        assert.deepEqual(
          (await uploader.jobs()).items.map(({ id }) => id),
          [jobId],
        );
      },
      {
        store: (store) => ({
          async create(job) {
            reached.resolve();
            await released.promise;
            return store.create(job);
          },
        }),
      },
    );

    rule('without a key is another job', async ({ post, uploader }) => {
      await (await post({ urls })).text();
      await (await post({ urls })).text();
      assert.equal((await uploader.jobs()).items.length, 2);
    });

    rule(
      'is the same job also when no more is taken',
      async ({ post }) => {
        const first = await jsonOf(await post({ urls }, keyed));
        assert.deepEqual(await jsonOf(await post({ urls }, keyed)), first);
      },
      { settings: { maxWaiting: 2 } },
    );
  });

  describe('a submit when it is full', () => {
    rule(
      'is refused whole, told when to come back, and taken when there is room',
      async ({ post, uploader }) => {
        const first = await jsonOf(await post({ urls }));
        for (const body of [{ urls: three.slice(2) }, { urls: three.slice(1) }]) {
          const answer = await post(body, { 'idempotency-key': `of ${body.urls.length}` });
          assert.match(String(answer.headers.get('retry-after')), /^[1-9][0-9]*$/);
          await assertProblem(answer, 429);
        }
        assert.equal((await uploader.jobs()).items.length, 1);
        assert.equal((await uploader.stats()).queue.waiting, 2);
        await uploader.cancel(String(first.jobId));
        const answer = await post({ urls: three.slice(2) }, { 'idempotency-key': 'of 1' });
        assert.equal(answer.status, 202);
        await answer.text();
      },
      { settings: { maxWaiting: 2 } },
    );

    rule(
      'is never one too many, however many come at once',
      async ({ post, uploader }) => {
        const answers = await Promise.all(
          Array.from({ length: 30 }, (_, number) =>
            post({ urls: [`https://source.example/${number}`, ...urls] }),
          ),
        );
        const statuses = answers.map(({ status }) => status);
        assert.deepEqual(statuses.toSorted(), [...Array(3).fill(202), ...Array(27).fill(429)]);
        await Promise.all(answers.map((answer) => answer.text()));
        assert.equal((await uploader.stats()).queue.waiting, 9);
      },
      { settings: { maxWaiting: 10 } },
    );
  });
}
