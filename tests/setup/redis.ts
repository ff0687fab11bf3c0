import { Redis } from 'ioredis';
import type { TestProject } from 'vitest/node';

import { startRedisServer } from './redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Redis that tests share; each uses a namespace of its own. */
    redisUrl: string;
  }
}

/** Gives the tests a Redis: the one of REDIS_URL, else one of their own on a free port. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.REDIS_URL;
  if (given !== undefined && given !== '') {
    project.provide('redisUrl', given);
    return () => letExpire(given);
  }
  const server = await startRedisServer();
  project.provide('redisUrl', server.url);
  return () => server.close();
}

/** Another run may be under way on the same Redis, so what tests have left goes a while after it. */
const LEFT_FOR_MS = 3_600_000;

/** What tests keep in a Redis that was given begins with `{test-`. They flush nothing. */
async function letExpire(url: string): Promise<void> {
  const redis = new Redis(url);
  for await (const names of redis.scanStream({ match: '{test-*', count: 1_000 })) {
    const expire = redis.pipeline();
    for (const name of names as string[]) expire.pexpire(name, LEFT_FOR_MS, 'NX');
    await expire.exec();
  }
  await redis.quit();
}
