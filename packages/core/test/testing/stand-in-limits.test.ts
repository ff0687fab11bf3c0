import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type ImgurStandIn, imgurReplies, startImgurStandIn } from '../../src/testing/index.ts';
import { type Answer, call, postImage } from './post-image.ts';

const HOUR_MS = 3_600_000;

let now: number;
let standIn: ImgurStandIn;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  standIn = await startImgurStandIn({ clock: () => now });
});

afterEach(() => standIn.close());

function rateHeaders({ headers }: Answer): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.includes('rate')));
}

describe('the limits', () => {
  it('are told with every reply and count down by ten credits and one POST', async () => {
    await postImage(standIn);
    now += 60_000;
    expect(rateHeaders(await postImage(standIn))).toEqual({
      'x-ratelimit-clientlimit': '12500',
      'x-ratelimit-clientremaining': '12480',
      'x-ratelimit-clientreset': '86340',
      'x-ratelimit-userlimit': '500',
      'x-ratelimit-userremaining': '480',
      'x-ratelimit-userreset': '3540',
      'x-post-rate-limit-limit': '1250',
      'x-post-rate-limit-remaining': '1248',
      'x-post-rate-limit-reset': '3540',
    });
  });

  it('can tell their ends as seconds since 1970, but for that of POSTs', async () => {
    const epoch = await startImgurStandIn({ clock: () => now, resets: 'epoch' });
    expect(rateHeaders(await postImage(epoch))).toMatchObject({
      'x-ratelimit-userreset': String((now + HOUR_MS) / 1_000),
      'x-post-rate-limit-reset': '3600',
    });
    await epoch.close();
  });

  it('allow fifty uploads of an address in an hour, then say for how long not', async () => {
    for (let posts = 0; posts < 50; posts += 1) await postImage(standIn);
    now += 23 * 60_000;
    const refused = await postImage(standIn);
    expect(refused.status).toBe(429);
    expect(rateHeaders(refused)).toMatchObject({
      'x-ratelimit-userremaining': '0',
      'x-ratelimit-userreset': '2220',
    });
    expect(JSON.parse(refused.text)).toMatchObject({
      data: { error: { message: 'You are uploading too fast. Please wait 37 more minutes.' } },
    });
    expect(standIn.requests).toMatchObject({ accepted: 50, refused: 1, rateLimited: 1 });

    now += 37 * 60_000;
    expect(await postImage(standIn)).toMatchObject({
      status: 200,
      headers: { 'x-ratelimit-userremaining': '490' },
    });
  });

  it.each([
    [{ client: 10 }, 'Daily client requests exceeded'],
    [{ user: 10 }, 'You are uploading too fast. Please wait 60 more minutes.'],
    [{ post: 1 }, '{"errors":[{"id":"legacy-api-'],
  ])('of %o are refused in a shape of their own', async (limits, text) => {
    const small = await startImgurStandIn({ limits, clock: () => now });
    expect(await postImage(small)).toMatchObject({ status: 200 });
    expect(await postImage(small)).toMatchObject({ status: 429, text: expect.stringContaining(text) });
    await small.close();
  });

  it('take nothing from one bucket when another is empty', async () => {
    const small = await startImgurStandIn({ limits: { user: 10 }, clock: () => now });
    for (let posts = 0; posts < 3; posts += 1) await postImage(small);
    expect(rateHeaders(await postImage(small))).toMatchObject({
      'x-ratelimit-clientremaining': '12490',
      'x-post-rate-limit-remaining': '1249',
    });
    await small.close();
  });

  it('of each application and address are its own', async () => {
    await postImage(standIn);
    const other = await postImage(standIn, { authorization: 'Client-ID other' });
    expect(rateHeaders(other)).toMatchObject({
      'x-ratelimit-clientremaining': '12490',
      'x-ratelimit-userremaining': '490',
      'x-post-rate-limit-remaining': '1248',
    });
  });

  it('that are false are neither counted nor told', async () => {
    const free = await startImgurStandIn({ limits: { client: false, user: false, post: false } });
    expect(rateHeaders(await postImage(free))).toEqual({});
    await free.close();
  });

  it('charge another call one credit', async () => {
    await postImage(standIn);
    const answer = await call(standIn, 'GET', `/3/image/${standIn.images[0]?.id}`);
    expect(rateHeaders(answer)).toEqual({
      'x-ratelimit-clientlimit': '12500',
      'x-ratelimit-clientremaining': '12489',
      'x-ratelimit-clientreset': '86400',
      'x-ratelimit-userlimit': '500',
      'x-ratelimit-userremaining': '489',
      'x-ratelimit-userreset': '3600',
    });
  });

  it('can be asked for, which costs nothing, and UserReset is then an epoch', async () => {
    await postImage(standIn);
    for (let calls = 0; calls < 2; calls += 1) {
      const { text } = await call(standIn, 'GET', '/3/credits');
      expect(JSON.parse(text)).toEqual({
        data: {
          UserLimit: 500,
          UserRemaining: 490,
          UserReset: (now + HOUR_MS) / 1_000,
          ClientLimit: 12_500,
          ClientRemaining: 12_490,
        },
        success: true,
        status: 200,
      });
    }
  });

  it('are not drawn from by what the network in front answers', async () => {
    standIn.next(imgurReplies.forbiddenActions());
    await postImage(standIn);
    standIn.next(imgurReplies.couldNotProcess());
    await postImage(standIn);
    expect(rateHeaders(await postImage(standIn))).toMatchObject({ 'x-ratelimit-userremaining': '480' });
  });
});
