import { ImgferryError, StoreUnavailableError } from '@imgferry/core';

/** A Redis that this store can not work on, with the reason: too old, one that evicts, a replica. */
export class RedisSetupError extends ImgferryError<'redis_setup'> {
  override name = 'RedisSetupError' as const;

  constructor(message: string) {
    super('redis_setup', message);
  }
}

/** Replies that say that Redis can not do the step now, and may later. */
const AWAY = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|MISCONF|NOREPLICAS|UNBLOCKED)\b/;
const FULL = /^OOM\b/;
const REPLY = /^(WRONGTYPE|ERR|NOPERM|NOAUTH|WRONGPASS)\b/;

/** What a failed command is to the caller of the store. The cause is named by its kind only: it may hold arguments. */
export function redisError(step: string, error: unknown): Error {
  if (error instanceof ImgferryError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (FULL.test(message)) return new StoreUnavailableError('Redis has no memory left to write');
  const away = AWAY.exec(message)?.[1];
  if (away !== undefined) return new StoreUnavailableError(`Redis answered ${away}`);
  if (REPLY.test(message)) return new Error(`Redis refused the step ${step}: ${message.slice(0, 300)}`);
  return new StoreUnavailableError('Redis can not be reached');
}
