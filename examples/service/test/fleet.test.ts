import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type PictureServer, sampleImage, startPictureServer } from '@imgferry/core/testing';
import { RedisStore } from '@imgferry/redis-store';
import {
  freePort,
  KEEPS_ALL,
  type RedisServer,
  startRedisServer,
} from '../../../tests/setup/redis-server.ts';
import { logLines, Programs, submit, urlOf } from './programs.ts';
import type { Program } from './start-program.ts';

const programs = new Programs();
const closes: (() => Promise<unknown>)[] = [];

let pictures: PictureServer;
let redis: RedisServer;
let standInUrl: string;

beforeAll(async () => {
  pictures = await startPictureServer({
    '/a.png': sampleImage('image/png'),
    '/b.jpg': sampleImage('image/jpeg'),
  });
  redis = await startRedisServer(...KEEPS_ALL);
  closes.push(
    () => pictures.close(),
    () => redis.close(),
  );
  standInUrl = await urlOf(programs.start('stand-in'));
});

afterAll(async () => {
  await programs.killAll();
  await Promise.all(closes.map((close) => close()));
});

/** Variables that the processes of one fleet share. */
function fleetOf(namespace: string, ownRedis = redis): Record<string, string> {
  return {
    REDIS_URL: ownRedis.url,
    NAMESPACE: namespace,
    IMGUR_STAND_IN_URL: standInUrl,
    SOURCE_ALLOW: '127.0.0.1',
    LEASE_MS: '3000',
  };
}

/** Hands in a job and answers it when it is complete. */
async function ferry(api: string, urls: readonly string[]): Promise<unknown> {
  const accepted = await submit(api, urls);
  expect(accepted.status).toBe(202);
  const job = async () => (await fetch(api + accepted.headers.get('location'))).json();
  await expect.poll(job, { timeout: 20_000, interval: 50 }).toMatchObject({ status: 'complete' });
  return job();
}

describe('an api and workers on one Redis', () => {
  it('ferry the images that the api was given, and each worker ends with 0 when it is asked to', async () => {
    const fleet = fleetOf('shared');
    const [api, ...workers] = [
      programs.start('api', fleet),
      programs.start('worker', fleet),
      programs.start('worker', fleet),
    ];
    const url = await urlOf(api);
    await Promise.all(workers.map((worker) => worker.seen(/Ctrl-C/)));
    expect(api.stderr()).toContain(`images go to the stand-in on ${standInUrl}`);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await ferry(url, [pictures.urlOf('/a.png'), pictures.urlOf('/b.jpg')])).toMatchObject({
      uploaded: {
        complete: [expect.stringMatching(/^https:\/\/i\.imgur\.com\//), expect.any(String)],
        failed: [],
      },
    });
    for (const program of [api, ...workers]) {
      program.process.kill('SIGTERM');
      expect(await program.ended).toEqual({ code: 0, signal: null });
      expect(logLines(program, /^stopped$/)).toHaveLength(1);
    }
  });

  it('end in good order when the fleet drains them: a worker with 0, all goes on with its endpoints', async () => {
    const fleet = { ...fleetOf('drained'), LEASE_MS: '300' };
    const [worker, all] = [programs.start('worker', fleet), programs.start('all', fleet)];
    const url = await urlOf(all);
    await worker.seen(/Ctrl-C/);
    const store = new RedisStore({ url: redis.url, namespace: 'drained' });
    closes.push(() => store.close());
    await expect.poll(() => store.fleet.list()).toHaveLength(2);
    expect(await store.fleet.command('all', { type: 'drain' })).toBe(2);
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    expect(logLines(worker, /^drained/)).toHaveLength(1);
    await all.seen(/the worker was drained; the endpoints go on/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await store.fleet.list()).toEqual([]);
  });
});

describe('a Redis that goes away', () => {
  it('ends no process, is told of once, and work goes on when it is back', async () => {
    const own = await startRedisServer(...KEEPS_ALL);
    closes.push(() => own.close());
    const fleet = fleetOf('outage', own);
    const [api, worker] = [programs.start('api', fleet), programs.start('worker', fleet)];
    const url = await urlOf(api);
    await worker.seen(/Ctrl-C/);
    const first = await ferry(url, [pictures.urlOf('/a.png')]);
    await own.kill();
    await worker.seen(/the store is away/);
    const refused = await submit(url, [pictures.urlOf('/b.jpg')]);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await own.restart();
    await worker.seen(/the store is back/);
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 10_000 }).toBe(200);
    await ferry(url, [pictures.urlOf('/b.jpg')]);
    expect(first).toMatchObject({ status: 'complete' });
    expect(logLines(worker, /the store is/).map(({ level }) => level)).toEqual(['error', 'info']);
    worker.process.kill('SIGTERM');
    expect((await worker.ended).code).toBe(0);
  });

  it('or is not there yet at the start is waited for', async () => {
    const own = await startRedisServer(...KEEPS_ALL);
    closes.push(() => own.close());
    await own.kill();
    const worker = programs.start('worker', fleetOf('late', own));
    await worker.seen(/Redis is away; waiting for it/);
    await own.restart();
    const store = new RedisStore({ url: own.url, namespace: 'late' });
    closes.push(() => store.close());
    await expect.poll(() => store.fleet.list(), { timeout: 10_000 }).toMatchObject([{ state: 'online' }]);
    worker.process.kill('SIGTERM');
    expect((await worker.ended).code).toBe(0);
  });

  it('or would lose jobs is refused with the reason and status 78', async () => {
    const own = await startRedisServer('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
    closes.push(() => own.close());
    const worker = programs.start('worker', fleetOf('lossy', own));
    expect(await worker.ended).toEqual({ code: 78, signal: null });
    expect(worker.stderr()).toMatch(
      /^imgferry can not start: REDIS_URL can not be used: maxmemory-policy is allkeys-lru.*\.\n$/,
    );
  });
});

describe('the health check', () => {
  const check = (port: number): Program => programs.run('healthcheck.ts', [], { HEALTH_PORT: `${port}` });

  it.each(['worker', 'stand-in'])('passes for a %s that runs, and fails when there is none', async (role) => {
    const port = await freePort();
    expect((await check(port).ended).code).toBe(1);
    const program = programs.start(role, { ...fleetOf('health'), HEALTH_PORT: `${port}` });
    await program.seen(/Ctrl-C/);
    expect(await check(port).ended).toEqual({ code: 0, signal: null });
    program.process.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });

  it('on a port in use is refused', async () => {
    const { port } = new URL(pictures.url);
    const program = programs.start('stand-in', { HEALTH_PORT: port });
    expect(await program.ended).toEqual({ code: 78, signal: null });
    expect(program.stderr()).toContain(`HEALTH_PORT ${port} on 127.0.0.1 is in use by another program`);
  });
});
