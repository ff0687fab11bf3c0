import { type Logger, type Store, StoreUnavailableError } from '@imgferry/core';
import { MemoryStore } from '@imgferry/memory-store';
import { RedisStore } from '@imgferry/redis-store';
import type { RedisConfig } from './config.ts';
import { ConfigError } from './env.ts';

/**
 * Opens the jobs: those in Redis, or in the memory of this process. A Redis that can not be trusted with jobs is
 * refused; one that is away is told of and waited for, as it is later on.
 * @throws ConfigError
 */
export async function openStore(redis: RedisConfig | undefined, logger: Logger): Promise<Store> {
  if (redis === undefined) return new MemoryStore();
  const store = new RedisStore({ ...redis, logger });
  try {
    await store.ready();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) {
      await store.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigError(`REDIS_URL can not be used: ${reason}`, { cause: error });
    }
    logger.warn({ reason: error.message }, 'Redis is away; waiting for it');
  }
  return store;
}
