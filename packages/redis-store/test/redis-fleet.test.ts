import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import { StoreUnavailableError, type WorkerReport } from '@imgferry/core';
import { Connection } from '../src/connection.ts';
import { resolveOptions } from '../src/options.ts';
import { RedisFleet } from '../src/redis-fleet.ts';
import type { StepName } from '../src/step-text.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';

moveClockByHand();

const CALM_MS = 60_000;

/** Loses the replies of a step that was taken, or sends a step twice. */
class TroubledConnection extends Connection {
  trouble: 'none' | 'loses replies' | 'sends twice' = 'none';

  override async run(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
    const answer = await super.run(step, args);
    if (this.trouble === 'loses replies') throw new StoreUnavailableError('the reply was lost');
    return this.trouble === 'sends twice' ? super.run(step, args) : answer;
  }
}

let namespace: string;
let redis: Redis;
let clock: MovedClock;
const connections: Connection[] = [];

beforeEach(async () => {
  namespace = `test-${randomUUID()}`;
  redis = new Redis(inject('redisUrl'));
  clock = await new MovedClock(inject('redisUrl'), namespace).begin();
});

afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
  clock.close();
  redis.disconnect();
});

function connect(): TroubledConnection {
  const connection = new TroubledConnection(resolveOptions({ url: inject('redisUrl'), namespace }));
  connections.push(connection);
  return connection;
}

function report(id: string): WorkerReport {
  const facts = { hostname: 'machine', pid: 7, version: '1.0.0', state: 'online', slots: 8 } as const;
  return {
    ...facts,
    id,
    holds: [],
    settings: {},
    complete: 0,
    failed: 0,
    retried: 0,
    running: 0,
    memoryBytes: 1,
    load: 0,
  };
}

it('settings go with a beat that tells others, or until one was answered, and again once the worker is forgotten', async () => {
  const connection = connect();
  const fleet = new RedisFleet(connection);
  const beat = (maxWaiting: number) =>
    fleet.beat({ ...report('a'), settings: { host: 'imgur', maxWaiting } }, CALM_MS);
  const told = async () => (await fleet.list())[0]?.settings;
  connection.trouble = 'loses replies';
  await expect(beat(1)).rejects.toThrow(StoreUnavailableError);
  connection.trouble = 'none';
  await redis.hset(`{${namespace}}:worker:a`, 'settings', '{"host":"none"}');
  await beat(1);
  expect(await told()).toEqual({ host: 'imgur', maxWaiting: 1 });
  await redis.hset(`{${namespace}}:worker:a`, 'settings', '{"host":"none"}');
  await beat(1);
  expect(await told()).toEqual({ host: 'none' });
  await beat(2);
  expect(await told()).toEqual({ host: 'imgur', maxWaiting: 2 });
  await redis.del(`{${namespace}}:workers`, `{${namespace}}:worker:a`);
  await clock.elapse(1);
  await beat(2);
  expect(await told()).toEqual({});
  await beat(2);
  expect(await told()).toEqual({ host: 'imgur', maxWaiting: 2 });
});

it('a command whose beat was lost comes with the next beat, once', async () => {
  const connection = connect();
  const fleet = new RedisFleet(connection);
  await fleet.beat(report('a'), CALM_MS);
  await fleet.command('all', { type: 'pause' });
  connection.trouble = 'loses replies';
  await expect(fleet.beat(report('a'), CALM_MS)).rejects.toThrow(StoreUnavailableError);
  connection.trouble = 'none';
  await fleet.command('all', { type: 'resize', slots: 2 });
  expect(await fleet.beat(report('a'), CALM_MS)).toEqual([{ type: 'pause' }, { type: 'resize', slots: 2 }]);
  expect(await fleet.beat(report('a'), CALM_MS)).toEqual([]);
});

it('a command whose first beat was lost is not lost', async () => {
  const connection = connect();
  const fleet = new RedisFleet(connection);
  connection.trouble = 'loses replies';
  await expect(fleet.beat(report('a'), CALM_MS)).rejects.toThrow(StoreUnavailableError);
  connection.trouble = 'none';
  await fleet.command('all', { type: 'drain' });
  expect(await fleet.beat(report('a'), CALM_MS)).toEqual([{ type: 'drain' }]);
});

it('beats and commands that are sent twice are taken once', async () => {
  const connection = connect();
  const fleet = new RedisFleet(connection);
  connection.trouble = 'sends twice';
  await fleet.beat(report('a'), CALM_MS);
  expect(await fleet.command('all', { type: 'pause' })).toBe(1);
  expect(await fleet.beat(report('a'), CALM_MS)).toEqual([{ type: 'pause' }]);
  expect(await fleet.beat(report('a'), CALM_MS)).toEqual([]);
});

it('two beats at once are not given the same command', async () => {
  const fleet = new RedisFleet(connect());
  await fleet.beat(report('a'), CALM_MS);
  await fleet.command('all', { type: 'pause' });
  const given = await Promise.all([fleet.beat(report('a'), CALM_MS), fleet.beat(report('a'), CALM_MS)]);
  expect(given.flat()).toEqual([{ type: 'pause' }]);
});

it('a process that comes after another with the same id is not given what that one was given', async () => {
  const fleet = new RedisFleet(connect());
  await fleet.beat(report('a'), CALM_MS);
  await fleet.command('all', { type: 'pause' });
  await fleet.beat(report('a'), CALM_MS);
  await fleet.command('all', { type: 'drain' });
  expect(await new RedisFleet(connect()).beat(report('a'), CALM_MS)).toEqual([{ type: 'drain' }]);
});

it('commands reach a worker whose store was emptied meanwhile', async () => {
  const fleet = new RedisFleet(connect());
  await fleet.beat(report('a'), CALM_MS);
  for (let count = 0; count < 3; count += 1) await fleet.command('all', { type: 'pause' });
  await fleet.beat(report('a'), CALM_MS);
  await redis.del(...['workers', 'worker:a', 'commands:a'].map((suffix) => `{${namespace}}:${suffix}`));
  await clock.elapse(1);
  await fleet.beat(report('a'), CALM_MS);
  await fleet.command('all', { type: 'resume' });
  expect(await fleet.beat(report('a'), CALM_MS)).toEqual([{ type: 'resume' }]);
});

it('a command is heard after Redis came back without its last writes', async () => {
  const fleet = new RedisFleet(connect());
  await fleet.beat(report('a'), CALM_MS);
  const worker = `{${namespace}}:worker:a`;
  const snapshot = await redis.dumpBuffer(worker);
  await fleet.command('all', { type: 'pause' });
  expect(await fleet.beat(report('a'), CALM_MS)).toEqual([{ type: 'pause' }]);
  await clock.elapse(1);
  await redis.restore(worker, 0, snapshot, 'REPLACE');
  await redis.del(`{${namespace}}:commands:a`, ...(await redis.keys(`{${namespace}}:command:*`)));
  expect(await fleet.command('all', { type: 'drain' })).toBe(1);
  expect(await fleet.beat(report('a'), CALM_MS)).toEqual([{ type: 'drain' }]);
});

it('the newest hundred commands wait for a worker', async () => {
  const fleet = new RedisFleet(connect());
  await fleet.beat(report('a'), CALM_MS);
  for (let slots = 1; slots <= 103; slots += 1) await fleet.command('all', { type: 'resize', slots });
  const given = await fleet.beat(report('a'), CALM_MS);
  expect([given.length, given[0], given[99]]).toEqual([
    100,
    { type: 'resize', slots: 4 },
    { type: 'resize', slots: 103 },
  ]);
});

it('workers that are forgotten leave no keys', async () => {
  const fleet = new RedisFleet(connect());
  for (let count = 0; count < 250; count += 1) await fleet.beat(report(`worker-${count}`), CALM_MS);
  await fleet.command('all', { type: 'pause' });
  await clock.elapse(11 * 60_000);
  expect(await fleet.list()).toEqual([]);
  for (let count = 0; count < 3; count += 1) await fleet.beat(report('last'), CALM_MS);
  const kept = await redis.keys(`{${namespace}}:worker*`);
  expect(kept.sort()).toEqual([`{${namespace}}:worker:last`, `{${namespace}}:workers`]);
  expect(await redis.keys(`{${namespace}}:commands:*`)).toEqual([]);
});

it('what is kept of a worker goes by itself when nobody beats any more', async () => {
  const fleet = new RedisFleet(connect());
  await fleet.beat(report('a'), CALM_MS);
  await fleet.command('all', { type: 'pause' });
  for (const suffix of ['workers', 'worker:a', 'commands:a']) {
    const restMs = await redis.pttl(`{${namespace}}:${suffix}`);
    expect(restMs).toBeGreaterThan(10 * 60_000);
    expect(restMs).toBeLessThanOrEqual(20 * 60_000);
  }
});

it('a worker that comes back after ten minutes begins anew', async () => {
  const fleet = new RedisFleet(connect());
  await fleet.beat(report('a'), CALM_MS);
  await fleet.command('all', { type: 'pause' });
  await clock.elapse(10 * 60_000 + 1);
  expect(await fleet.beat(report('a'), CALM_MS)).toEqual([]);
  const [worker] = await fleet.list();
  expect(worker?.startedAt).toBe(clock.now);
});

it('a key that somebody has broken stops a beat before it writes', async () => {
  const fleet = new RedisFleet(connect());
  await redis.set(`{${namespace}}:commands:a`, 'broken');
  await expect(fleet.beat(report('a'), CALM_MS)).rejects.toThrow('WRONGTYPE');
  expect(await fleet.list()).toEqual([]);
});

it('what a worker of the version before has left is told as far as it is known', async () => {
  const fleet = new RedisFleet(connect());
  await fleet.beat(report('a'), CALM_MS);
  const {
    running: _,
    settings: __,
    ...told
  } = { ...report('a'), holds: [{ jobId: 'j', index: 1, url: 'u' }] };
  await redis.hset(`{${namespace}}:worker:a`, 'report', JSON.stringify(told));
  await redis.hdel(`{${namespace}}:worker:a`, 'holds', 'settings');
  expect(await fleet.list()).toMatchObject([{ id: 'a', slots: 8, running: 0, holds: [], settings: {} }]);
});

it.each(['{', 'null', '5', '[]', '{}', '{"id":"all","state":"online"}', '{"id":"odd","state":"x"}'])(
  'what is no report, %s, is passed over, and tells nothing of the others',
  async (odd) => {
    const fleet = new RedisFleet(connect());
    for (const id of ['a', 'odd']) await fleet.beat(report(id), CALM_MS);
    await redis.hset(`{${namespace}}:worker:odd`, 'report', odd);
    expect((await fleet.list()).map(({ id }) => id)).toEqual(['a']);
  },
);

it.each(['{', 'null', '5', '"text"', '[null]'])(
  'holds and settings that are none, %s, are none',
  async (odd) => {
    const fleet = new RedisFleet(connect());
    await fleet.beat(report('a'), CALM_MS);
    await redis.hset(`{${namespace}}:worker:a`, { holds: odd, settings: odd });
    expect(await fleet.list()).toMatchObject([{ id: 'a', slots: 8, holds: [], settings: {} }]);
  },
);
