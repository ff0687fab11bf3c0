import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

import { type JobFilter, type Lease, silentLogger } from '@imgferry/core';
import { checkInvariants, RedisSetupError, RedisStore } from '../src/index.ts';
import { stepKeys, stepNames, stepText } from '../src/step-text.ts';
import { moveClockByHand } from './moved-clock.ts';

moveClockByHand();

/**
 * All keys of a namespace as an earlier version of this package has left them, as DUMP gives them: a job that is
 * finished, one that was cancelled, and one of which two uploads wait and one was claimed. Never to be made anew.
 */
function writtenBy(schema: number): Readonly<Record<string, string>> {
  const file = new URL(`schema-${schema}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>;
}
const WRITTEN_AT = 1_795_629_192_000;
const RETENTION_MS = 4e12;
const HOUR_MS = 3_600_000;

let namespace: string;
let redis: Redis;
let store: RedisStore;

beforeEach(async () => {
  namespace = `test-${randomUUID()}`;
  redis = new Redis(inject('redisUrl'));
  store = new RedisStore({
    url: inject('redisUrl'),
    namespace,
    retentionMs: RETENTION_MS,
    logger: silentLogger,
  });
  await redis.set(`{${namespace}}:clock`, WRITTEN_AT + HOUR_MS);
});

afterEach(async () => {
  await store.close();
  redis.disconnect();
});

async function claim(): Promise<readonly Lease[]> {
  const claimed = await store.queue.claim({ host: 'host', limit: 10, leaseMs: 60_000, workerId: 'worker' });
  return claimed.leases;
}

async function violations(): Promise<readonly string[]> {
  const options = { url: inject('redisUrl'), namespace, logger: silentLogger };
  return (await checkInvariants(options)).violations;
}

it('the first start on an empty namespace says which schema it keeps', async () => {
  await store.ready();
  expect(await redis.hgetall(`{${namespace}}:meta`)).toEqual({ schema: '3' });
});

it('keys of a newer version are refused, and it is said which', async () => {
  await redis.hset(`{${namespace}}:meta`, 'schema', 4);
  const refusal = new RedisSetupError('the keys are of schema 4; this version knows 3: update it');
  await expect(store.ready()).rejects.toThrow(refusal);
  await expect(store.get('job')).rejects.toThrow(refusal);
  expect(await redis.hgetall(`{${namespace}}:meta`)).toEqual({ schema: '4' });
});

it('a step is refused as a whole when a newer version has changed the keys meanwhile', async () => {
  const job = (id: string) => ({ id, urls: ['https://a.example/1'], host: 'host', options: {} });
  await store.create(job('job'));
  const [lease] = await claim();
  await redis.hset(`{${namespace}}:meta`, 'schema', 4);
  const before = await dumpAll();
  const refusal = new RedisSetupError('the keys are of schema 4; this version knows 3: update it');
  const refused = { lease: lease ?? expect.fail(), delayMs: 0, countAttempt: true, posts: 0 };
  const outcome = { status: 'failed', failure: { code: 'too_large', message: 'too large' } } as const;
  for (const step of [
    store.create(job('other')),
    store.get('job'),
    store.cancel('job'),
    store.retry('job'),
    store.pause({ jobId: 'job' }),
    store.settle([{ lease: refused.lease, outcome, posts: 0 }]),
    store.queue.extend([refused.lease], 60_000),
    store.queue.release([refused]),
    claim(),
    store.budget.charge(refused.lease),
    store.fleet.leave('worker'),
  ])
    await expect(step).rejects.toThrow(refusal);
  expect(await dumpAll()).toEqual(before);
});

async function dumpAll(): Promise<ReadonlyMap<string, string>> {
  const keys = (await redis.keys(`{${namespace}}:*`)).sort();
  const dumps = await Promise.all(keys.map((name) => redis.dumpBuffer(name)));
  return new Map(keys.map((name, at) => [name, dumps[at]?.toString('base64') ?? '']));
}

it('every step looks at the schema before it does anything', () => {
  for (const step of stepNames) expect(stepText(step), step).toContain('\nread_meta()\n');
});

describe('keys of the schema before, with more jobs than one step looks at', () => {
  const JOBS = 1_100;

  beforeEach(async () => {
    const many = Array.from({ length: JOBS }, (_, number) => `job ${number}`);
    for (let first = 0; first < JOBS; first += 100)
      await Promise.all(
        many
          .slice(first, first + 100)
          .map((id) => store.create({ id, urls: ['https://a.example/1'], host: 'host', options: {} })),
      );
    for (let left = 100; left > 0; left -= 10) await release(await claim());
    await store.pause({ jobId: 'job 0' });
    await store.cancel(`job ${JOBS - 1}`);
    const prefix = `{${namespace}}:`;
    for (const name of ['pending', 'in-progress', 'failing', 'paused-jobs', 'delaying', 'expired', 'hosts'])
      await redis.del(prefix + name);
    await redis.hdel(`${prefix}totals`, 'delayed');
    await redis.sadd(`${prefix}delaying`, 'job 0', 'job 1');
    await redis.hset(`${prefix}meta`, 'schema', 1);
  });

  function release(leases: readonly Lease[]): Promise<void> {
    return store.queue.release(
      leases.map((lease) => ({ lease, delayMs: HOUR_MS, countAttempt: false, posts: 0 })),
    );
  }

  async function expectAllListed(next: RedisStore): Promise<void> {
    const { queue } = await next.stats();
    expect(queue).toMatchObject({ delayed: 100, nextDelayedMs: HOUR_MS, liveJobs: JOBS - 1, pausedJobs: 1 });
    expect((await next.list({ status: 'in-progress', limit: 500 })).items).toHaveLength(100);
    expect((await next.list({ failed: true })).items.map(({ id }) => id)).toEqual([`job ${JOBS - 1}`]);
    expect(await violations()).toEqual([]);
    expect(await redis.hmget(`{${namespace}}:meta`, 'schema', 'relisted')).toEqual(['3', null]);
  }

  function nextStore(): RedisStore {
    return new RedisStore({ url: inject('redisUrl'), namespace, logger: silentLogger });
  }

  it('are refused to processes before at once, and a start that was cut off is finished by the next', async () => {
    const keys = stepKeys(`{${namespace}}:`);
    expect(await redis.eval(stepText('relist'), keys.length, ...keys)).toBe(0);
    expect(await redis.hmget(`{${namespace}}:meta`, 'schema', 'relisted')).toEqual(['3', '200']);
    await expect(violations()).rejects.toThrow('the keys are not yet of schema 3');
    const next = nextStore();
    await next.ready();
    await expectAllListed(next);
    await next.close();
  });

  it('are brought to this one by two processes at once', async () => {
    const starting = [nextStore(), nextStore()];
    await Promise.all(starting.map((each) => each.ready()));
    for (const each of starting) await expectAllListed(each);
    for (const each of starting) await each.close();
  });

  it('are brought to this one as far as they can be read', async () => {
    await redis.hset(`{${namespace}}:j:job 7`, 'failed', 'many');
    const next = nextStore();
    expect((await next.stats()).queue.delayed).toBe(99);
    await redis.hset(`{${namespace}}:j:job 7`, 'failed', 0);
    expect(await violations()).not.toEqual([]);
    await next.close();
  });
});

describe('a job of the schema before with more records than one step brings', () => {
  const TOTAL = 25_000;
  const LISTS = 250;

  beforeEach(async () => {
    const urls = Array.from({ length: TOTAL }, (_, at) => `https://a.example/${at}`);
    await store.create({ id: 'large', urls, host: 'host', options: {} });
    const leases = await claim();
    const outcome = { status: 'failed', failure: { code: 'too_large', message: 'too large' } } as const;
    await store.settle(leases.map((lease) => ({ lease, outcome, posts: 0 })));
    // The same records everywhere, in lists as they were kept.
    const records = `{${namespace}}:j:large:r:`;
    const packed = await redis.hgetBuffer(`${records}0`, '0');
    const pipeline = redis.pipeline();
    for (let list = 0; list < LISTS; list += 1) {
      pipeline.del(`${records}${list}`);
      pipeline.rpush(`${records}${list}`, packed ?? '', ...Array.from({ length: 99 }, () => ''));
    }
    await pipeline.exec();
    await redis.hset(`{${namespace}}:meta`, 'schema', 2);
  });

  it('is brought to this one by several steps, whoever takes them, and loses nothing', async () => {
    const keys = stepKeys(`{${namespace}}:`);
    expect(await redis.eval(stepText('relist'), keys.length, ...keys)).toBe(0);
    const kept = () => redis.hmget(`{${namespace}}:meta`, 'schema', 'relisted', 'rehashed');
    expect(await kept()).toEqual(['3', '0', '200']);
    const next = new RedisStore({ url: inject('redisUrl'), namespace, logger: silentLogger });
    await next.ready();
    expect(await kept()).toEqual(['3', null, null]);
    const failed = await next.uploads('large', { status: 'failed' });
    expect(failed?.items.length).toBeGreaterThan(0);
    const at = { index: 24_900, status: 'failed', failure: { code: 'too_large', message: 'too large' } };
    const all = [];
    for (let cursor: string | undefined; ; ) {
      const page = await next.uploads('large', { status: 'failed', limit: 1_000, ...(cursor && { cursor }) });
      all.push(...(page?.items ?? []));
      cursor = page?.next;
      if (cursor === undefined) break;
    }
    expect(all).toHaveLength(LISTS);
    expect(all.at(-1)).toMatchObject(at);
    await next.close();
  });
});

describe.each([1, 2])('what a version of schema %i has written', (schema) => {
  beforeEach(async () => {
    for (const [suffix, dump] of Object.entries(writtenBy(schema)))
      await redis.restore(`{${namespace}}:${suffix}`, 0, Buffer.from(dump, 'base64'));
  });

  it('is read as it was meant', async () => {
    expect((await store.list()).items.map(({ id }) => id)).toEqual(['live', 'cancelled', 'finished']);
    expect(await store.get('finished')).toMatchObject({
      status: 'complete',
      total: 3,
      complete: 2,
      failed: 1,
      options: { title: 'a title' },
      metadata: { order: 7 },
    });
    expect(await store.get('cancelled')).toMatchObject({ cancelled: true, complete: 1, failed: 2 });
    expect(await store.get('live')).toMatchObject({
      status: 'in-progress',
      complete: 1,
      failed: 1,
      waiting: 2,
    });
    expect((await store.uploads('finished'))?.items[1]).toMatchObject({
      url: 'https://a.example/finished/1.png',
      failure: { code: 'source_status', message: 'it was 404' },
      attempts: 1,
    });
    expect((await store.links()).items).toHaveLength(4);
    expect(await store.deleteHashes('finished')).toEqual([
      { index: 0, link: 'https://links.example/finished/0.png', deleteHash: 'hash0' },
      { index: 2, link: 'https://links.example/finished/2.png', deleteHash: 'hash2' },
    ]);
    expect((await store.stats()).totals).toMatchObject({
      jobsCreated: 3,
      uploadsComplete: 4,
      uploadsFailed: 4,
    });
    expect(await violations()).toEqual([]);
  });

  it('is counted as what is written by now', async () => {
    await redis.hset(`{${namespace}}:j:live`, 'paused', '1');
    expect((await store.stats()).queue).toMatchObject({
      ...{ waiting: 2, claimed: 1, delayed: 1, nextDelayedMs: 0, overdue: 2, liveJobs: 1, pausedJobs: 1 },
    });
    await store.resume({ jobId: 'live' });
    await claim();
    expect((await store.stats()).queue).toMatchObject({ delayed: 0, nextDelayedMs: null, pausedJobs: 0 });
    expect(await violations()).toEqual([]);
  });

  it('is not changed by who only looks, who is told what to do', async () => {
    const before = await dumpAll();
    await expect(violations()).rejects.toThrow(
      new RedisSetupError(
        'the keys are not yet of schema 3: a process that works on them brings them there when it starts',
      ),
    );
    expect(await dumpAll()).toEqual(before);
  });

  it('is found by filters, beside what is written by now', async () => {
    const idsOf = async (filter: JobFilter): Promise<readonly string[]> => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ ...filter, limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      return ids;
    };
    const expectFound = async (running: readonly string[], failed: readonly string[]) => {
      expect(await idsOf({ status: 'in-progress' })).toEqual(running);
      expect(await idsOf({ failed: true })).toEqual(failed);
      expect(await idsOf({ status: 'complete', createdBefore: WRITTEN_AT + HOUR_MS })).toEqual([
        'cancelled',
        'finished',
      ]);
    };
    await expectFound(['live'], ['live', 'cancelled', 'finished']);
    for (const id of ['new', 'newer'])
      await store.create({ id, urls: ['https://a.example/1'], host: 'other', options: {} });
    await store.cancel('new');
    await expectFound(['live'], ['new', 'live', 'cancelled', 'finished']);
    await store.pause({ jobId: 'live' });
    expect(await idsOf({ paused: true })).toEqual(['live']);
    await store.retry('live');
    await expectFound(['live'], ['new', 'cancelled', 'finished']);
    expect(await idsOf({ status: 'pending' })).toEqual(['newer']);
    expect(await violations()).toEqual([]);
  });

  it('goes on: what waited and what was claimed is done, and what had failed runs again', async () => {
    await store.retry('finished');
    await store.retry('cancelled');
    let retried: Lease | undefined;
    for (let leases = await claim(); leases.length > 0; leases = await claim()) {
      retried ??= leases.find(({ jobId }) => jobId === 'finished');
      await store.settle(
        leases.map((lease) => ({
          lease,
          outcome: {
            status: 'complete',
            link: `https://links.example/${lease.jobId}/${lease.index}.png`,
            bytes: 1,
            type: 'image/png',
          },
          posts: 1,
        })),
      );
    }
    expect(retried).toMatchObject({ attempt: 2, runAttempt: 1 });
    expect(await store.get('finished')).toMatchObject({ status: 'complete', complete: 3, failed: 0 });
    expect(await store.get('cancelled')).toMatchObject({ status: 'complete', complete: 3, failed: 0 });
    expect(await store.get('live')).toMatchObject({ status: 'complete', complete: 4, failed: 1 });
    const { items } = await store.links();
    expect(new Set(items).size).toBe(10);
    expect(items).toHaveLength(10);
    expect(await violations()).toEqual([]);
  });
});
