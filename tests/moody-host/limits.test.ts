import { describe, expect, it } from 'vitest';

import { imgurReplies } from '@imgferry/core/testing';
import { MoodyScene, noonMs } from './moody-scene.ts';

// What the headers tell of the three limits that Imgur counts, and what they tell wrongly.

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const noonSeconds = noonMs / 1_000;

type Limit = 'client' | 'user' | 'post';

const resets: readonly (readonly [limit: Limit, reset: string | undefined, forMs: number, what: string])[] = [
  ['user', '1800', 30 * minuteMs, 'seconds from now'],
  ['user', String(noonSeconds + 1_800), 30 * minuteMs, 'seconds since 1970'],
  ['user', '0', secondMs, 'now'],
  ['user', String(noonSeconds - 600), secondMs, 'ten minutes ago, as for a clock that is wrong'],
  ['user', '-5', hourMs, 'below zero'],
  ['user', undefined, hourMs, 'missing'],
  ['user', 'tomorrow', hourMs, 'a word'],
  ['user', '9999999', hourMs, 'in 115 days'],
  ['user', '99999999999', hourMs, 'in 3,000 years'],
  ['user', String(noonMs), hourMs, 'in milliseconds'],
  ['post', '600', 10 * minuteMs, 'seconds from now'],
  ['post', '0', secondMs, 'now'],
  ['post', undefined, hourMs, 'missing'],
  ['post', '9999999', hourMs, 'in 115 days'],
  ['client', '7200', 2 * hourMs, 'seconds from now'],
  ['client', '86400', 24 * hourMs, 'a day from now'],
  ['client', '0', 12 * hourMs, 'now, which may be wrong and would be punished'],
  ['client', String(noonSeconds - 600), 12 * hourMs, 'ten minutes ago'],
  ['client', undefined, 12 * hourMs, 'missing: the next day of UTC'],
  ['client', '9999999', 24 * hourMs, 'in 115 days'],
];

describe.concurrent('the limits of Imgur', () => {
  it.for(resets)(
    '%s, refused with a reset of %j, pause for %i ms: %s',
    async ([limit, reset, forMs], { onTestFinished }) => {
      const scene = (await MoodyScene.open(onTestFinished)).order(imgurReplies.emptyBucket(limit, reset));
      const jobId = await scene.submit(3);
      const waiting = await scene.paused(jobId);
      expect(scene.pauses).toEqual([{ host: 'imgur', reason: 'rate-limited', forMs }]);
      expect(waiting.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
      scene.elapse(forMs);
      expect((await scene.finished(jobId)).map(({ status }) => status)).toEqual(Array(3).fill('complete'));
      expect(scene.imgur.requests.posts).toBe(4);
    },
  );

  it.for([
    ['client', { client: 30 }, 24 * hourMs],
    ['user', { user: 30 }, hourMs],
    ['post', { post: 3 }, hourMs],
  ] as const)(
    '%s: three uploads are left, three go, and none is refused',
    async ([, limits, forMs], { onTestFinished }) => {
      const none = { client: false, user: false, post: false } as const;
      const scene = await MoodyScene.open(onTestFinished, { imgur: { limits: { ...none, ...limits } } });
      const jobId = await scene.submit(7);
      for (const complete of [3, 6]) {
        await scene.paused(jobId, complete / 3);
        expect(scene.pauses.at(-1)).toEqual({ host: 'imgur', reason: 'exhausted', forMs });
        expect(await scene.uploader.job(jobId)).toMatchObject({ complete, waiting: 7 - complete });
        scene.elapse(forMs);
      }
      expect((await scene.finished(jobId)).every(({ attempts }) => attempts === 1)).toBe(true);
      expect(scene.imgur.requests).toMatchObject({ posts: 7, accepted: 7, rateLimited: 0 });
    },
  );

  it('tell the same by an epoch', async ({ onTestFinished }) => {
    const scene = await MoodyScene.open(onTestFinished, {
      imgur: { limits: { client: false, user: 10, post: false }, resets: 'epoch' },
    });
    await scene.paused(await scene.submit(2));
    expect(scene.pauses).toEqual([{ host: 'imgur', reason: 'exhausted', forMs: hourMs }]);
  });

  it('pause until the last of those that are empty is full', async ({ onTestFinished }) => {
    const { emptyBucket } = imgurReplies;
    const scene = (await MoodyScene.open(onTestFinished)).order(
      emptyBucket('user', '600', emptyBucket('client', '7200', emptyBucket('post', '1800'))),
    );
    await scene.paused(await scene.submit(2));
    expect(scene.pauses).toEqual([{ host: 'imgur', reason: 'rate-limited', forMs: 2 * hourMs }]);
  });

  it('that leave less than one upload leave none', async ({ onTestFinished }) => {
    const scene = (await MoodyScene.open(onTestFinished)).order(
      imgurReplies.withHeaders({ 'X-RateLimit-UserRemaining': '9', 'X-RateLimit-UserReset': '60' }),
    );
    const jobId = await scene.submit(2);
    await scene.paused(jobId);
    expect(scene.pauses).toEqual([{ host: 'imgur', reason: 'exhausted', forMs: minuteMs }]);
    expect(await scene.uploader.job(jobId)).toMatchObject({ complete: 1, waiting: 1 });
  });

  it('that are told by a success hold although a later error tells nothing of them', async ({
    onTestFinished,
  }) => {
    const oneLeft = { 'X-RateLimit-UserRemaining': '10', 'X-RateLimit-UserReset': '1800' };
    const scene = (await MoodyScene.open(onTestFinished, { concurrency: 1 })).order(
      imgurReplies.withHeaders(oneLeft),
      imgurReplies.htmlPage(500),
    );
    const jobId = await scene.submit(3);
    await scene.paused(jobId);
    expect(scene.pauses).toEqual([{ host: 'imgur', reason: 'exhausted', forMs: 30 * minuteMs }]);
    expect(scene.imgur.requests).toMatchObject({ posts: 2, accepted: 1 });
  });

  it('are asked less and less often while their reset is wrong', async ({ onTestFinished }) => {
    const scene = await MoodyScene.open(onTestFinished);
    scene.imgur.always(imgurReplies.emptyBucket('user', '0'));
    const jobId = await scene.submit(2);
    for (let times = 1; times <= 14; times += 1) {
      await scene.paused(jobId, times);
      scene.elapse(scene.pauses.at(-1)?.forMs ?? 0);
    }
    const pauses = scene.pauses.map(({ forMs }) => (forMs ?? 0) / secondMs);
    expect(pauses.slice(0, 14)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3540, 3540]);
  });

  it('are not run into a second time when the day is said to be used up and to begin anew', async ({
    onTestFinished,
  }) => {
    const wrong = { 'X-RateLimit-ClientRemaining': '50', 'X-RateLimit-ClientReset': '0' };
    const scene = (await MoodyScene.open(onTestFinished)).order(
      imgurReplies.withHeaders(wrong, imgurReplies.dailyLimit()),
    );
    await scene.paused(await scene.submit(2));
    expect(scene.pauses).toEqual([{ host: 'imgur', reason: 'rate-limited', forMs: 12 * hourMs }]);
  });

  it('are not run into a second time when the day is used up and its reset is wrong', async ({
    onTestFinished,
  }) => {
    const scene = (await MoodyScene.open(onTestFinished)).order(
      imgurReplies.emptyBucket('client', '0', imgurReplies.dailyLimit()),
    );
    const jobId = await scene.submit(2);
    await scene.paused(jobId);
    expect(scene.pauses).toEqual([{ host: 'imgur', reason: 'rate-limited', forMs: 12 * hourMs }]);
    scene.elapse(12 * hourMs);
    await scene.finished(jobId);
    expect(scene.imgur.requests.posts).toBe(3);
  });
});
