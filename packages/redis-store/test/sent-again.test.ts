import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';

import { type Lease, silentLogger } from '@imgferry/core';
import { type RedisProxy, startRedisProxy } from '../../../tests/setup/redis-proxy.ts';
import { Connection } from '../src/connection.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';
import { retryChosen } from '../src/retry-chosen.ts';
import { type StepName, stepKeys, stepText } from '../src/step-text.ts';

const HOST = 'host';
const JOB = 'a job';
const FAILURE = { code: 'too_large', message: 'too large' } as const;

let options: { url: string; namespace: string };
let redis: Redis;
let store: RedisStore;

beforeEach(() => {
  options = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  redis = new Redis(options.url);
  store = new RedisStore(options);
});

afterEach(async () => {
  await store.close();
  redis.disconnect();
});

async function claim(): Promise<readonly Lease[]> {
  return (await store.queue.claim({ host: HOST, limit: 2_000, leaseMs: 60_000, workerId: 'worker' })).leases;
}

async function createJob(uploads: number): Promise<void> {
  const urls = Array.from({ length: uploads }, (_, index) => `https://a.example/${index}`);
  await store.create({ id: JOB, urls, host: HOST, options: {} });
}

async function failAll(): Promise<void> {
  for (let leases = await claim(); leases.length > 0; leases = await claim())
    await store.settle(
      leases.map((lease) => ({ lease, outcome: { status: 'failed', failure: FAILURE }, posts: 0 })),
    );
}

function violations(): Promise<readonly string[]> {
  return checkInvariants({ ...options, logger: silentLogger }).then((report) => report.violations);
}

function run(step: StepName, ...args: readonly (string | number)[]): Promise<unknown> {
  const keys = stepKeys(`{${options.namespace}}:`);
  return redis.eval(stepText(step), keys.length, ...keys, ...args);
}

describe('a choice of failed uploads in three parts', () => {
  const UPLOADS = 2_200;
  const bounds = { maxEvents: 1e4, maxWaiting: Number.POSITIVE_INFINITY };
  const which = {
    urls: Array.from({ length: UPLOADS / 2 }, (_, index) => `https://a.example/${2 * index}`),
  };

  beforeEach(async () => {
    await createJob(UPLOADS);
    await failAll();
  });

  async function runsOnce(answer: Awaited<ReturnType<RedisStore['retry']>>): Promise<void> {
    expect(answer).toMatchObject({ job: { waiting: UPLOADS / 2, failed: UPLOADS / 2 }, status: 'retried' });
    expect(await violations()).toEqual([]);
    const again = (await claim()).map(({ index }) => index);
    expect(again).toHaveLength(UPLOADS / 2);
    expect(new Set(again)).toEqual(new Set(Array.from({ length: UPLOADS / 2 }, (_, index) => 2 * index)));
  }

  it('each of which is sent twice is retried once', async () => {
    let sent = 0;
    class Repeating extends Connection {
      override async run(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
        const answer = await super.run(step, args);
        if (step !== 'choose') return answer;
        sent += 1;
        expect(await super.run(step, args)).toBe(answer);
        return answer;
      }
    }
    const connection = new Repeating(resolveOptions(options));
    await runsOnce(await retryChosen(connection, JOB, which, bounds));
    expect(sent).toBe(3);
    await connection.close();
  });

  it('whose replies are lost with their connections is retried once', async () => {
    const proxy: RedisProxy = await startRedisProxy(options.url);
    const choice = (): Promise<string | null> => redis.get(`{${options.namespace}}:j:${JOB}:choice`);
    class Cut extends Connection {
      override async run(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
        if (step !== 'choose') return super.run(step, args);
        const before = await choice();
        proxy.swallow('replies');
        const answer = super.run(step, args);
        await vi.waitFor(async () => expect(await choice()).not.toBe(before), { interval: 2 });
        proxy.heal();
        proxy.cut();
        return answer;
      }
    }
    const connection = new Cut(resolveOptions({ ...options, url: proxy.url, logger: silentLogger }));
    await connection.ready();
    await runsOnce(await retryChosen(connection, JOB, which, bounds));
    expect(proxy.made).toBeGreaterThanOrEqual(4);
    await connection.close();
    await proxy.close();
  });

  it('of which one is missing does not count', async () => {
    expect(await run('choose', JOB, 'choice', 0, 0, 1_000, 1, 0)).toBe(1);
    expect(await run('choose', JOB, 'choice', 2_000, 0, 2_200, 1, 2_000)).toBe(0);
    expect(await run('retry', JOB, 'request', 'choice', 0, 2_200, 1e4, -1)).toEqual(['changed']);
    expect(await store.get(JOB)).toMatchObject({ failed: UPLOADS });
  });

  it('is not begun over by somebody else while parts of it still come', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()];
    expect(await run('choose', JOB, `${mine}0`, 0, 0, 1_000, 1, 0)).toBe(1);
    expect(await run('choose', JOB, `${theirs}0`, 0, 0, 1_000, 1, 1)).toBe(2);
    expect(await run('choose', JOB, `${mine}0`, 1_000, 0, 2_000, 1, 1_000)).toBe(1);
    expect(await run('choose', JOB, `${mine}1`, 0, 0, 1_000, 1, 0)).toBe(1);
    // Whoever chose has been silent for too long.
    await redis.pexpire(`{${options.namespace}}:j:${JOB}:choice`, 590_000);
    expect(await run('choose', JOB, `${theirs}0`, 0, 0, 1_000, 1, 1)).toBe(1);
  });
});

describe('what is sent again after others have changed their minds', () => {
  const cancel = (request: string): Promise<unknown> => run('cancel', JOB, request, 1e9, 1e4);
  const retry = (request: string): Promise<unknown> => run('retry', JOB, request, '', 0, 0, 1e4, -1);

  beforeEach(() => createJob(2));

  it('a cancel leaves alone what was retried since, and answers as before', async () => {
    await cancel('a');
    await retry('b');
    const [job, finished] = (await cancel('a')) as readonly [unknown, number];
    expect(finished).toBe(1);
    expect(job).toEqual(await run('get', JOB));
    expect(await store.get(JOB)).toMatchObject({ waiting: 2, cancelled: false });
  });

  it('a retry leaves alone what was cancelled since', async () => {
    await failAll();
    await retry('a');
    await cancel('b');
    await retry('a');
    expect(await store.get(JOB)).toMatchObject({ failed: 2, cancelled: true });
  });

  it('a cancel and a retry are known when another one has come since', async () => {
    for (const request of ['1', '2']) {
      await cancel(`cancel-${request}`);
      await retry(`retry-${request}`);
    }
    await cancel('cancel-1');
    expect(await store.get(JOB)).toMatchObject({ waiting: 2, cancelled: false });
    await cancel('cancel-3');
    await retry('retry-1');
    expect(await store.get(JOB)).toMatchObject({ failed: 2, cancelled: true });
    expect(await violations()).toEqual([]);
  });
});
