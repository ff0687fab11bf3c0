import { Redis } from 'ioredis';
import { describe, expect, inject, it, type TestContext } from 'vitest';

import { imgurReplies } from '@imgferry/core/testing';
import { MovedClock, moveClockByHand } from '../../packages/redis-store/test/moved-clock.ts';
import { type FleetProcess, FleetScene } from '../fleet-scene.ts';

// Several processes work for one account. Its tokens rotate, and Imgur takes each refresh token once.
moveClockByHand();

const MINUTE_MS = 60_000;
const inTime = () => ({ signal: AbortSignal.timeout(50_000) });

async function aFleet(onTestFinished: TestContext['onTestFinished'], { lock }: { lock: boolean }) {
  const scene = await FleetScene.open(onTestFinished, {
    accessTokens: ['access-1', 'access-new'],
    refreshTokens: ['refresh-1', 'refresh-new'],
    latencyMs: 5,
  });
  const { namespace } = scene.redis;
  const clock = await new MovedClock(inject('redisUrl'), namespace).begin();
  const redis = new Redis(inject('redisUrl'));
  // Time passes by itself too.
  const ticking = setInterval(() => void clock.elapse(50), 50);
  scene.later(async () => {
    clearInterval(ticking);
    await redis.del(`${namespace}:tokens`, `${namespace}:lock`);
    redis.disconnect();
    clock.close();
  });
  const keep = (accessToken: string, refreshToken: string) =>
    redis.set(`${namespace}:tokens`, JSON.stringify({ accessToken, refreshToken }));
  const kept = async () =>
    JSON.parse((await redis.get(`${namespace}:tokens`)) ?? '{}') as { accessToken: string };
  await keep('access-1', 'refresh-1');
  const member = (more: { diesInSave?: boolean; saveTakesMs?: number } = {}) =>
    scene.process('account', { lock, ...more });
  return { scene, clock, keep, kept, member, api: scene.member() };
}

function heardOf(members: readonly FleetProcess[], told: string): number {
  return members.flatMap(({ said }) => said.filter((each) => each.told === told)).length;
}

// Each starts up to five processes, which takes its time on a busy machine.
describe('processes of one account', { timeout: 60_000 }, () => {
  it('five with a lock renew the tokens once each time that the access token ends', async ({
    onTestFinished,
  }) => {
    const { scene, kept, member, api } = await aFleet(onTestFinished, { lock: true });
    const { imgur } = scene;
    const members = await Promise.all(Array.from({ length: 5 }, () => member()));
    const { jobId } = await api.submit(scene.urls(150));
    for (const [accepted, refreshes] of [
      [20, 1],
      [80, 2],
    ] as const) {
      await imgur.waitUntil((requests) => requests.accepted >= accepted, inTime());
      imgur.revoke((await kept()).accessToken);
      await imgur.waitUntil((requests) => requests.refreshes === refreshes, inTime());
    }
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 150, failed: 0 });
    expect(imgur.requests).toMatchObject({ refreshes: 2, accepted: 150 });
    expect(heardOf(members, 'host:paused')).toBe(0);
    expect((await api.uploads(jobId, { limit: 1_000 }))?.items.every(({ attempts }) => attempts === 1)).toBe(
      true,
    );
    await scene.agrees(1);
  });

  it('three without a lock get to the tokens that one of them has renewed, and none stops', async ({
    onTestFinished,
  }) => {
    const { scene, member, api } = await aFleet(onTestFinished, { lock: false });
    const { imgur } = scene;
    const members = await Promise.all(Array.from({ length: 3 }, () => member({ saveTakesMs: 150 })));
    const { jobId } = await api.submit(scene.urls(100));
    await imgur.waitUntil(({ accepted }) => accepted >= 20, inTime());
    imgur.next(imgurReplies.delay(50), { of: 'refreshes', times: 3 });
    imgur.revoke('access-1');
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 100, failed: 0 });
    expect(imgur.requests.refreshes).toBeLessThanOrEqual(3);
    expect(heardOf(members, 'host:paused')).toBe(0);
    await scene.agrees(1);
  });

  it('wait, and say why, when one of them dies before it has kept the new tokens; with tokens that work they go on', async ({
    onTestFinished,
  }) => {
    const { scene, clock, keep, member, api } = await aFleet(onTestFinished, { lock: true });
    const { imgur } = scene;
    imgur.revoke('access-1');
    const dying = await member({ diesInSave: true });
    const { jobId } = await api.submit(scene.urls(20));
    await dying.ended;
    expect(imgur.requests).toMatchObject({ refreshes: 1, accepted: 0 });
    const members = await Promise.all(Array.from({ length: 2 }, () => member()));
    await clock.elapse(MINUTE_MS);
    const [pause] = await Promise.all(members.map((each) => each.heard('host:paused')));
    expect(pause).toMatchObject({ host: 'imgur', reason: 'credentials' });
    const told = 'Imgur refuses to renew the access token and says: Invalid refresh token';
    const reasons = async () => (await api.uploads(jobId))?.items.map(({ failure }) => failure?.message);
    await expect.poll(reasons, { timeout: 30_000 }).toContain(told);
    expect(await api.job(jobId)).toMatchObject({ failed: 0, complete: 0 });

    await keep('access-new', 'refresh-new');
    await clock.elapse(6 * MINUTE_MS);
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 20, failed: 0 });
    expect(imgur.requests.accepted).toBe(20);
    await scene.agrees(1);
  });
});
