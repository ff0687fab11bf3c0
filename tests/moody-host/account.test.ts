import { describe, expect, it, type TestContext } from 'vitest';

import { imgurReplies } from '@imgferry/core/testing';
import { eventually } from '../fleet-scene.ts';
import { MoodyScene, type SceneOptions } from './moody-scene.ts';

// An account's access token is worth nothing any more. Imgur takes each refresh token once, so whoever loses the new ones
// has lost the account.

const minuteMs = 60_000;
const first = { accessToken: 'access-1', refreshToken: 'refresh-1' };

/** Where the application keeps its tokens. */
class Kept {
  tokens = { ...first };
  saves = 0;
  load = async (): Promise<typeof first> => this.tokens;
  save = async (tokens: { accessToken: string; refreshToken?: string }): Promise<void> => {
    this.saves += 1;
    this.tokens = { ...this.tokens, ...tokens };
  };
}

async function anAccount(onTestFinished: TestContext['onTestFinished'], options: SceneOptions = {}) {
  const kept = new Kept();
  const scene = await MoodyScene.open(onTestFinished, {
    ...options,
    imgur: { accessTokens: ['access-1', 'access-new'], refreshTokens: ['refresh-1'] },
    host: { clientSecret: 'app-hush', credentials: kept, connections: 50, ...options.host },
  });
  return { kept, scene };
}

const complete = { status: 'complete', attempts: 1, possiblyDuplicated: false };
const paused = { host: 'imgur', reason: 'credentials', forMs: 5 * minuteMs };
const refused = (message: string | RegExp) => ({
  status: 'waiting',
  attempts: 0,
  code: 'host_credentials',
  message: typeof message === 'string' ? message : expect.stringMatching(message),
});

/** The application's store may take 400 ms, and an upload that meets one which fails is held for 20 ms. */
const brief = { headersTimeoutMs: 100, idleTimeoutMs: 100 };

describe.concurrent('an access token that ends', () => {
  it.for([0, 2])(
    'is renewed once for 50 uploads at once, and costs none an attempt, with %i retries',
    async (retries, { onTestFinished }) => {
      const { scene, kept } = await anAccount(onTestFinished, { concurrency: 50, retries });
      await scene.finished(await scene.submit());
      scene.imgur.revoke('access-1');
      const held = scene.imgur.hold({ times: 50 });
      const jobId = await scene.submit(50);
      await held.waitFor(50);
      held.release();
      expect(await scene.finished(jobId)).toMatchObject(Array(50).fill(complete));
      expect(scene.imgur.requests).toMatchObject({ refreshes: 1, posts: 101, accepted: 51, refused: 50 });
      expect(kept.saves).toBe(1);
      expect(scene.pauses).toEqual([]);
    },
  );

  it('is not renewed when the application has a new one', async ({ onTestFinished }) => {
    const { scene, kept } = await anAccount(onTestFinished);
    await scene.finished(await scene.submit());
    scene.imgur.revoke('access-1');
    kept.tokens = { accessToken: 'access-new', refreshToken: 'refresh-1' };
    expect(await scene.finished(await scene.submit(3))).toMatchObject(Array(3).fill(complete));
    expect(scene.imgur.requests.refreshes).toBe(0);
  });
});

describe.concurrent('a renewal', () => {
  it('whose tokens were lost before they were kept leaves the uploads waiting, says so, and they go on with tokens that work', async ({
    onTestFinished,
  }) => {
    const { scene, kept } = await anAccount(onTestFinished);
    for (const spent of ['access-1', 'refresh-1']) scene.imgur.revoke(spent);
    const jobId = await scene.submit(3);
    const uploads = await scene.paused(jobId);
    expect(uploads.filter(({ code }) => code !== undefined)).toMatchObject([
      refused('Imgur refuses to renew the access token and says: Invalid refresh token'),
    ]);
    expect(scene.pauses).toEqual([paused]);
    scene.elapse(5 * minuteMs);
    await scene.paused(jobId, 2);
    expect(scene.imgur.requests).toMatchObject({ posts: 2, refreshes: 2 });

    kept.tokens = { accessToken: 'access-new', refreshToken: 'refresh-new' };
    expect(await scene.finished(jobId)).toMatchObject(Array(3).fill(complete));
  });

  it('whose reply is lost ends the same way, and marks no image', async ({ onTestFinished }) => {
    const { scene } = await anAccount(onTestFinished, { attemptDelayMs: 10_000 });
    scene.imgur.revoke('access-1');
    scene.imgur.next(imgurReplies.resetAfterBody(), { of: 'refreshes' });
    const jobId = await scene.submit(1);
    await scene.passUntil(async () => scene.pauses.length > 0);
    const [upload] = await scene.paused(jobId);
    expect(upload).toMatchObject({ status: 'waiting', code: 'host_credentials', possiblyDuplicated: false });
    expect(upload?.message).toBe('Imgur refuses to renew the access token and says: Invalid refresh token');
  });

  it('that is answered by a gateway in trouble is asked for again, and marks no image', async ({
    onTestFinished,
  }) => {
    const { scene } = await anAccount(onTestFinished);
    scene.imgur.revoke('access-1');
    scene.imgur.next(imgurReplies.htmlPage(502), { of: 'refreshes' });
    expect(await scene.finished(await scene.submit(1))).toMatchObject([complete]);
    expect(scene.imgur.requests.refreshes).toBe(2);
  });

  it('that can not be had for as long as Imgur is down fails no upload', async ({ onTestFinished }) => {
    const { scene } = await anAccount(onTestFinished, { attemptDelayMs: 10_000 });
    scene.imgur.revoke('access-1');
    scene.imgur.always(imgurReplies.htmlPage(503), { of: 'refreshes' });
    const jobId = await scene.submit(6);
    await scene.passUntil(async () => scene.pauses.length >= 8);
    expect(scene.pauses.every(({ reason }) => reason === 'unavailable')).toBe(true);
    expect(await scene.uploader.job(jobId)).toMatchObject({ failed: 0, complete: 0 });
    scene.imgur.always(undefined, { of: 'refreshes' });
    expect((await scene.finished(jobId)).every(({ status }) => status === 'complete')).toBe(true);
  });

  it.for([
    [imgurReplies.tooFast(3), 'rate-limited', 3 * minuteMs],
    [imgurReplies.forbiddenActions(), 'blocked', 59 * minuteMs],
    [imgurReplies.overCapacity(), 'overloaded', minuteMs],
    [imgurReplies.htmlPage(403), 'blocked', minuteMs],
  ] as const)(
    'that meets what is said to everybody pauses for that',
    async ([reply, reason, forMs], { onTestFinished }) => {
      const { scene } = await anAccount(onTestFinished);
      scene.imgur.revoke('access-1');
      scene.imgur.next(reply, { of: 'refreshes' });
      const jobId = await scene.submit(2);
      await scene.paused(jobId);
      expect(scene.pauses).toEqual([{ host: 'imgur', reason, forMs }]);
      expect(await scene.finished(jobId)).toMatchObject(Array(2).fill(complete));
    },
  );
});

describe.concurrent('an application that', () => {
  it('can not keep the new tokens is given them again without being asked, and nothing is sent meanwhile', async ({
    onTestFinished,
  }) => {
    const { scene, kept } = await anAccount(onTestFinished, { host: brief });
    scene.imgur.revoke('access-1');
    const save = kept.save;
    let refusals = 0;
    kept.save = async () => {
      refusals += 1;
      throw new Error('disk full of access-1');
    };
    const jobId = await scene.submit(2);
    await scene.held(jobId);
    expect(await scene.uploads(jobId)).toMatchObject(Array(2).fill(refused('credentials.save failed')));
    expect(scene.pauses).toEqual([]);
    const { posts } = scene.imgur.requests;
    await eventually(() => refusals > 1, true);
    kept.save = save;
    await eventually(() => kept.saves, 1);
    expect(scene.imgur.requests).toMatchObject({ posts, refreshes: 1 });
    expect(await scene.finished(jobId)).toMatchObject(Array(2).fill(complete));
    expect(scene.imgur.requests.refreshes).toBe(1);
  });

  it.for(['load', 'save', 'lock'] as const)(
    'does not come back from %s makes the uploads that meet it wait and tells them; nobody else pauses for it',
    async (method, { onTestFinished }) => {
      const kept = new Kept();
      const credentials = { load: kept.load, save: kept.save, [method]: () => new Promise<never>(() => {}) };
      const { scene } = await anAccount(onTestFinished, {
        host: { ...brief, credentials },
      });
      scene.imgur.revoke('access-1');
      const jobId = await scene.submit(2);
      await scene.held(jobId);
      expect(await scene.uploads(jobId)).toMatchObject(
        Array(2).fill(refused(`credentials.${method} gave no answer within 400 ms`)),
      );
      expect(scene.pauses).toEqual([]);
    },
  );
});
