import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, inject, it, type TestContext } from 'vitest';

import type { Uploader } from '@imgferry/core';
import { type ImgurStandInOptions, imgurReplies, sampleImage } from '@imgferry/core/testing';
import { MovedClock, moveClockByHand } from '../packages/redis-store/test/moved-clock.ts';
import { eventually, FleetScene } from './fleet-scene.ts';

// Five members with eight slots each share what the host allows. An hour passes when the test says so, for the store and
// for the host.
moveClockByHand();

const MEMBERS = 5;
const SLOTS = 8;
const MINUTE_MS = 60_000;
/** So long a reply takes. Within a second each slot could send six. */
const LATENCY_MS = 150;
/** Each member has looked several times by then. */
const LOOKED_MS = 300;
const inTime = (): { readonly signal: AbortSignal } => ({ signal: AbortSignal.timeout(20_000) });

type Fleet = Pick<Awaited<ReturnType<typeof aFleet>>, 'scene' | 'api'>;
type Pause = { readonly reason: string; readonly forMs: number | null };

async function aFleet(onTestFinished: TestContext['onTestFinished'], options: ImgurStandInOptions = {}) {
  let clock: MovedClock | undefined;
  const scene = await FleetScene.open(onTestFinished, { ...options, clock: () => clock?.now ?? 0 });
  const moved = new MovedClock(inject('redisUrl'), scene.redis.namespace);
  clock = await moved.begin();
  scene.later(async () => moved.close());
  const members = Array.from({ length: MEMBERS }, () => scene.member({ concurrency: SLOTS, pollMs: 50 }));
  const pauses = members.map((member): Pause[] => {
    const heard: Pause[] = [];
    member.on('host:paused', ({ reason, forMs }) => heard.push({ reason, forMs }));
    return heard;
  });
  for (const member of members) member.start();
  return { scene, clock: moved, api: members[0] as Uploader, pauses };
}

/** What is waited for in vain says how far the job was, and what the host had been asked. */
function told<Result>({ scene, api }: Fleet, jobId: string, awaited: Promise<Result>): Promise<Result> {
  return awaited.catch(async (cause: unknown) => {
    const uploads = (await api.uploads(jobId))?.items.filter(({ status }) => status !== 'complete') ?? [];
    const open = uploads.map(({ index, status, attempts, failure }) => ({
      index,
      status,
      attempts,
      failure,
    }));
    const state = { job: await api.job(jobId), requests: scene.imgur.requests, open };
    throw new Error(`waited in vain: ${JSON.stringify(state)}`, { cause });
  });
}

/** All members know that the host allows nothing, and none of them runs anything. */
async function paused(api: Uploader, jobId: string, pauses: readonly Pause[][]): Promise<void> {
  await eventually(() => pauses.every(({ length }) => length > 0), true);
  await eventually(async () => (await api.job(jobId))?.claimed, 0);
}

describe.concurrent('a fleet of five members with eight slots each', () => {
  it('sends a host that allows 30 more posts about 30, one when its hour is over, and then the rest', async ({
    annotate,
    onTestFinished,
  }) => {
    const { scene, clock, api, pauses } = await aFleet(onTestFinished, {
      limits: { client: false, user: 300, post: false },
    });
    const { imgur } = scene;
    const { jobId } = await api.submit(scene.urls(60));
    await paused(api, jobId, pauses);
    expect(await api.job(jobId)).toMatchObject({ complete: 30, failed: 0, waiting: 30 });
    const { posts } = imgur.requests;
    await annotate(`${posts - 30} posts more than the host allowed`);
    expect(posts - 30).toBeLessThanOrEqual(3);
    await scene.agrees(1);

    const probe = imgur.hold();
    await clock.elapse(60 * MINUTE_MS);
    await told({ scene, api }, jobId, probe.waitFor(1, inTime()));
    await sleep(LOOKED_MS);
    expect(imgur.requests.posts - posts).toBe(1);
    probe.release();
    const job = await told({ scene, api }, jobId, api.finished(jobId, inTime()));
    expect(job).toMatchObject({ complete: 60, failed: 0 });
    expect(imgur.requests).toMatchObject({ accepted: 60, posts: posts + 30 });
    await scene.agrees(1);
  });

  it('stops within a second when one of them is told that it is too fast', async ({
    annotate,
    onTestFinished,
  }) => {
    const { scene, clock, api, pauses } = await aFleet(onTestFinished, { latencyMs: LATENCY_MS });
    const { imgur } = scene;
    const { jobId } = await api.submit(scene.urls(400));
    await imgur.waitUntil(({ accepted }) => accepted >= 80, inTime());
    imgur.next(imgurReplies.tooFast(37));
    await imgur.waitUntil(({ refused }) => refused === 1, inTime());
    const { posts } = imgur.requests;
    await sleep(1_000);
    const after = imgur.requests.posts - posts;
    await annotate(
      `${after} posts began after the host had read the one that it refused, ${LATENCY_MS} ms before it said so`,
    );
    // Each slot begins one before the host has replied, and another one if its own reply comes before all are told.
    expect(after).toBeLessThanOrEqual(2 * MEMBERS * SLOTS);
    await paused(api, jobId, pauses);
    await sleep(LOOKED_MS);
    expect(imgur.requests.posts - posts).toBe(after);
    expect(pauses.map(([first]) => first?.reason)).toEqual(pauses.map(() => 'rate-limited'));
    expect(await api.job(jobId)).toMatchObject({ failed: 0, waiting: 400 - imgur.requests.accepted });

    await clock.elapse(38 * MINUTE_MS);
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 400, failed: 0 });
    expect(imgur.requests).toMatchObject({ posts: 401, refused: 1 });
    await scene.agrees(1);
  });

  it('posts nothing more of what it has claimed already when one of them is told that it is too fast', async ({
    onTestFinished,
  }) => {
    const { scene, clock, api } = await aFleet(onTestFinished);
    const { imgur } = scene;
    const [first = '', ...others] = scene.urls(MEMBERS * SLOTS + 1);
    await api.finished((await api.submit([first])).jobId, inTime());
    const letCome = holdPictures(scene, others.slice(1));
    imgur.next(imgurReplies.tooFast(37));
    const { jobId } = await api.submit(others);
    await scene.pictures.waitUntil(() => letCome.asked === others.length - 1, inTime());
    await imgur.waitUntil(({ refused }) => refused === 1, inTime());
    await sleep(1_000);
    letCome.now();
    await eventually(async () => (await api.job(jobId))?.claimed, 0);
    expect(imgur.requests).toMatchObject({ posts: 2, accepted: 1, refused: 1 });
    expect(await api.job(jobId)).toMatchObject({ failed: 0, waiting: others.length });

    await clock.elapse(38 * MINUTE_MS);
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: others.length, failed: 0 });
    expect((await api.uploads(jobId))?.items.every(({ attempts }) => attempts === 1)).toBe(true);
    await scene.agrees(2);
  });

  it('is held up by ten sources that hang for no longer than six seconds, while nobody knows what the host allows', async ({
    onTestFinished,
  }) => {
    const { scene, clock, api } = await aFleet(onTestFinished);
    const { imgur } = scene;
    const urls = scene.urls(11);
    const letCome = holdPictures(scene, urls.slice(0, 10));
    const { jobId } = await api.submit(urls);
    for (const asked of [1, 3, 7]) {
      await scene.pictures.waitUntil(() => letCome.asked === asked, inTime());
      expect(imgur.requests.posts).toBe(0);
      await clock.elapse(2_000);
    }
    await imgur.waitUntil(({ accepted }) => accepted === 1, inTime());
    letCome.now();
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 11, failed: 0 });
    expect(imgur.requests.posts).toBe(11);
    await scene.agrees(1);
  });

  it('waits while its credentials are refused, asks with one upload, and goes on when they are accepted', async ({
    onTestFinished,
  }) => {
    const { scene, clock, api, pauses } = await aFleet(onTestFinished, { latencyMs: 5 });
    const { imgur } = scene;
    const { jobId } = await api.submit(scene.urls(300));
    await imgur.waitUntil(({ accepted }) => accepted >= 20, inTime());
    imgur.revoke('any');
    await paused(api, jobId, pauses);
    expect(pauses.map(([first]) => first?.reason)).toEqual(pauses.map(() => 'credentials'));
    expect(await api.job(jobId)).toMatchObject({ failed: 0, waiting: 300 - imgur.requests.accepted });

    const { refused } = imgur.requests;
    await clock.elapse(5 * MINUTE_MS);
    await imgur.waitUntil((requests) => requests.refused > refused, inTime());
    await paused(api, jobId, pauses);
    await sleep(LOOKED_MS);
    expect(imgur.requests.refused - refused).toBe(1);

    imgur.restore('any');
    await clock.elapse(5 * MINUTE_MS);
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 300, failed: 0 });
    expect((await api.uploads(jobId, { limit: 1_000 }))?.items.every(({ attempts }) => attempts === 1)).toBe(
      true,
    );
    await scene.agrees(1);
  });
});

/** The pictures of these URLs come only when they are let. */
function holdPictures({ pictures }: FleetScene, urls: readonly string[]) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held = { asked: 0, now: resolve };
  for (const url of urls) {
    const bytes = sampleImage('image/png');
    pictures.set(new URL(url).pathname, (_, response) => {
      held.asked += 1;
      void promise.then(() => response.end(bytes));
    });
  }
  return held;
}
