import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { sendAlone } from '../src/send-alone.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

describe('a command that is sent alone', () => {
  it('answers texts as characters or as their bytes', async () => {
    await redis.set('text', 'für');
    expect(await sendAlone(redis, 'utf8', ['get', 'text'])).toBe('für');
    expect(await sendAlone(redis, 'bytes', ['get', 'text'])).toEqual(Buffer.from('für'));
    expect(await sendAlone(redis, 'utf8', ['mget', 'text', 'none'])).toEqual(['für', null]);
  });

  it('rejects with what Redis or the connection has against it', async () => {
    await expect(sendAlone(redis, 'utf8', ['get'])).rejects.toThrow('wrong number of arguments');
    const gone = new Redis(server.url, { lazyConnect: true, enableOfflineQueue: false });
    gone.disconnect();
    await expect(sendAlone(gone, 'utf8', ['get', 'text'])).rejects.toThrow('Connection is closed');
  });

  it('leaves nothing of its answer to a full collection', async () => {
    const [times, length] = [100, 100_000];
    await redis.set('text', 'x'.repeat(length));
    await sendAlone(redis, 'utf8', ['get', 'text']);
    collectGarbage();
    const before = getHeapStatistics().used_heap_size;
    for (let time = 0; time < times; time += 1) await sendAlone(redis, 'utf8', ['get', 'text']);
    // What is found alive twice is in the old space.
    for (const type of ['minor', 'minor'] as const) collectGarbage({ type });
    expect(getHeapStatistics().used_heap_size - before).toBeLessThan((times * length) / 4);
  });
});
