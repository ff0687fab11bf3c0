import { describe, expect, it } from 'vitest';

import { type ImgurReply, imgurReplies } from '@imgferry/core/testing';
import { MoodyScene } from './moody-scene.ts';

// Trouble of Imgur and trouble with one image look the same in one reply. The first must fail no image, the second must
// stop no other.

const minuteMs = 60_000;

const down: readonly (readonly [what: string, reply: ImgurReply])[] = [
  ['pages of 500', imgurReplies.htmlPage(500)],
  ['pages of 503', imgurReplies.varnish503()],
  ['pages of 405', imgurReplies.nginx405()],
  ['redirects to a portal', imgurReplies.redirect()],
];

describe.concurrent('while Imgur is down', () => {
  it.for(down)(
    'with %s nothing fails, and it is asked less and less often',
    async ([, reply], { onTestFinished }) => {
      const scene = await MoodyScene.open(onTestFinished, { attemptDelayMs: 10_000 });
      scene.imgur.always(reply);
      const jobId = await scene.submit(8);
      const seen: number[] = [];
      for (let times = 1; times <= 9; times += 1) {
        await scene.paused(jobId, times);
        seen.push(scene.imgur.requests.posts);
        scene.elapse(scene.pauses.at(-1)?.forMs ?? 0);
      }
      await scene.paused(jobId, 10);
      expect(scene.pauses.slice(0, 9)).toEqual(
        [5, 10, 20, 40, 80, 160, 300, 300, 300].map((s) => ({
          host: 'imgur',
          reason: 'unavailable',
          forMs: s * 1_000,
        })),
      );
      // After the first pause it is one POST each time.
      expect(seen.map((posts) => posts - (seen[0] ?? 0))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(await scene.uploader.job(jobId)).toMatchObject({ waiting: 8, failed: 0 });

      scene.imgur.always(undefined);
      scene.elapse(5 * minuteMs);
      const uploads = await scene.finished(jobId);
      expect(
        uploads.every(({ status, possiblyDuplicated }) => status === 'complete' && !possiblyDuplicated),
      ).toBe(true);
      expect(scene.imgur.requests.accepted).toBe(8);
    },
  );

  it('so that nobody answers the one upload that there is waits too', async ({ onTestFinished }) => {
    const scene = await MoodyScene.open(onTestFinished, { host: { apiUrl: 'http://127.0.0.1:9' } });
    const jobId = await scene.submit();
    const [upload] = await scene.paused(jobId);
    expect(scene.pauses).toEqual([{ host: 'imgur', reason: 'unavailable', forMs: 5_000 }]);
    expect(upload).toMatchObject({
      status: 'waiting',
      attempts: 0,
      code: 'host_unavailable',
      message: 'Imgur could not be reached (ECONNREFUSED)',
    });
  });

  it('so that replies are lost the host pauses too; those attempts count, because each may have stored an image', async ({
    onTestFinished,
  }) => {
    const scene = await MoodyScene.open(onTestFinished, { attemptDelayMs: 10_000 });
    scene.imgur.always(imgurReplies.resetAfterBody());
    const jobId = await scene.submit(4);
    await scene.finished(jobId);
    const uploads = await scene.uploads(jobId);
    expect(uploads).toMatchObject(
      Array(4).fill({ status: 'failed', attempts: 3, code: 'host_reply_lost', possiblyDuplicated: true }),
    );
    expect(scene.imgur.requests.posts).toBe(12);
    expect(scene.pauses.length).toBeGreaterThan(6);
  });

  it('it is seen also where all images have one type and size', async ({ onTestFinished }) => {
    const scene = await MoodyScene.open(onTestFinished, { attemptDelayMs: 10_000, oneSize: true });
    scene.imgur.always(imgurReplies.htmlPage(500));
    const jobId = await scene.submit(4);
    await scene.paused(jobId, 1);
    expect(await scene.uploader.job(jobId)).toMatchObject({ waiting: 4, failed: 0 });
    scene.imgur.always(undefined);
    expect((await scene.finished(jobId)).every(({ status }) => status === 'complete')).toBe(true);
  });

  it('a refused image shows that it is not', async ({ onTestFinished }) => {
    const scene = await MoodyScene.open(onTestFinished, {
      concurrency: 1,
      retries: 0,
      attemptDelayMs: 10_000,
    });
    const page = imgurReplies.htmlPage(500);
    scene.order(page, page, imgurReplies.overSizeLimit(), page, page);
    const jobId = await scene.submit(5);
    await scene.imgur.waitUntil(({ posts }) => posts === 5);
    await scene.finished(jobId);
    expect(await scene.uploader.job(jobId)).toMatchObject({ complete: 4, failed: 1 });
    expect(scene.pauses).toEqual([]);
  });
});

describe.concurrent('an image that alone makes trouble', () => {
  const onlyFirst = (scene: MoodyScene, reply: ImgurReply): void =>
    scene.imgur.always(imgurReplies.onlyFor(1_000, reply));

  it('fails after its attempts and pauses nothing', async ({ onTestFinished }) => {
    const scene = await MoodyScene.open(onTestFinished, { attemptDelayMs: 10_000 });
    onlyFirst(scene, imgurReplies.htmlPage(500));
    const jobId = await scene.submit(6);
    const uploads = await scene.finished(jobId);
    expect(uploads[0]).toMatchObject({ status: 'failed', code: 'host_unavailable', attempts: 3 });
    expect(await scene.uploader.job(jobId)).toMatchObject({ complete: 5, failed: 1 });
    expect(scene.pauses).toEqual([]);
  });

  it('and others beside it, on which Imgur fails, all fail after their attempts and pause nothing', async ({
    onTestFinished,
  }) => {
    const scene = await MoodyScene.open(onTestFinished, { attemptDelayMs: 10_000 });
    scene.imgur.always(imgurReplies.couldNotProcess());
    const uploads = await scene.finished(await scene.submit(4));
    expect(uploads).toMatchObject(Array(4).fill({ status: 'failed', code: 'host_unavailable', attempts: 3 }));
    expect(scene.imgur.requests.posts).toBe(12);
    expect(scene.pauses).toEqual([]);
  });

  it.for([
    ['a block', imgurReplies.forbiddenActions()],
    ['403 without a word', imgurReplies.permissionRequired()],
  ] as const)(
    'by %s waits behind the others, stops them twice and no more, and then fails after its attempts',
    async ([, reply], { onTestFinished }) => {
      const scene = await MoodyScene.open(onTestFinished, { attemptDelayMs: 10_000 });
      onlyFirst(scene, reply);
      const jobId = await scene.submit(3);
      await scene.paused(jobId);
      for (const times of [2, 3]) {
        const others = await scene.submit(2);
        await scene.finished(others);
        await scene.passUntil(async () => scene.pauses.length === times || (await scene.isFinished(jobId)));
      }
      expect(await scene.uploads(jobId)).toMatchObject([
        {
          status: 'failed',
          code: 'host_rejected',
          attempts: 3,
          message: expect.stringMatching(/\(it takes other images\)$/),
        },
        { status: 'complete', attempts: 1 },
        { status: 'complete', attempts: 1 },
      ]);
      expect(scene.pauses).toHaveLength(2);
    },
  );
});

describe.concurrent('over capacity', () => {
  it('doubles the pause with each probe that is turned away, up to an hour, and counts no attempt', async ({
    onTestFinished,
  }) => {
    const scene = await MoodyScene.open(onTestFinished, { attemptDelayMs: 10_000 });
    scene.imgur.always(imgurReplies.overCapacity());
    const jobId = await scene.submit(2);
    for (let times = 1; times <= 8; times += 1) {
      await scene.paused(jobId, times);
      scene.elapse(scene.pauses.at(-1)?.forMs ?? 0);
    }
    await scene.paused(jobId, 9);
    expect(scene.pauses.map(({ forMs }) => (forMs ?? 0) / minuteMs)).toEqual([
      1, 2, 4, 8, 16, 32, 59, 59, 59,
    ]);
    expect(scene.imgur.requests.posts).toBe(9);
    scene.imgur.always(undefined);
    expect((await scene.finished(jobId)).map(({ attempts }) => attempts)).toEqual([1, 1]);
  });
});
