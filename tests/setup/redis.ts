import type { TestProject } from 'vitest/node';

import { startRedisServer } from './redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Redis that tests share; each uses a namespace of its own. */
    redisUrl: string;
  }
}

/** Gives the tests a Redis: the one of REDIS_URL, else one of their own on a free port. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.REDIS_URL;
  if (given !== undefined && given !== '') {
    project.provide('redisUrl', given);
    return undefined;
  }
  const server = await startRedisServer();
  project.provide('redisUrl', server.url);
  return () => server.close();
}
