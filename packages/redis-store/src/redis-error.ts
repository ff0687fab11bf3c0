import { ImgferryError, StoreUnavailableError } from '@imgferry/core';

/** A Redis that this store can not work on, with the reason: too old, one that evicts, a replica. */
export class RedisSetupError extends ImgferryError<'redis_setup'> {
  override name = 'RedisSetupError' as const;

  constructor(message: string) {
    super('redis_setup', message);
  }
}

/** Replies that say that Redis can not do the step now, and may later. */
const AWAY =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|ASK|MOVED|BUSY|MISCONF|NOREPLICAS|UNBLOCKED)\b/;
/** How ioredis begins what a cluster answered to the last of many tries. */
const TRIES = /^Too many Cluster redirections\. Last error: (\w*Error: )?/;
const FULL = /^OOM\b/;
/** How a step says that the keys were brought to a newer schema. Redis adds to it where in the script that was. */
const NEWER = /^SCHEMA (.*?: update it)/;
const REPLY = /^(WRONGTYPE|ERR|NOPERM|NOAUTH|WRONGPASS)\b/;

const DATABASE = /DB index is out of range/;
const CREDENTIALS = /^(NOAUTH|WRONGPASS|NOPERM)\b/;

/**
 * Why Redis takes no commands from us, if that is what an error of a new connection says: it would go on without the
 * database that was asked for, and without the right to do anything.
 */
export function refusalOf({ message }: Error): string | undefined {
  if (DATABASE.test(message)) return 'Redis has no database of the number that the url names';
  const code = CREDENTIALS.exec(message)?.[1];
  return code === undefined ? undefined : `Redis refuses the credentials of the url (${code})`;
}

/** Whether an error is a fault of a program, of ours or of a Node that is too old, and so nothing to be waited out. */
export function isFault(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
}

/** What a failed command is to the caller of the store. The cause is named by its kind only: it may hold arguments. */
export function redisError(step: string, error: unknown): Error {
  if (error instanceof ImgferryError) return error;
  const message = (error instanceof Error ? error.message : String(error)).replace(TRIES, '');
  if (FULL.test(message)) return new StoreUnavailableError('Redis has no memory left to write');
  const newer = NEWER.exec(message)?.[1];
  if (newer !== undefined) return new RedisSetupError(newer);
  const away = AWAY.exec(message)?.[1];
  if (away !== undefined) return new StoreUnavailableError(`Redis answered ${away}`);
  if (REPLY.test(message)) return new Error(`Redis refused the step ${step}: ${message.slice(0, 300)}`);
  if (isFault(error)) return error;
  return unreachable(error);
}

/** Told of a Redis that can not be reached, with the code of the reason if it has one: that of the last try to connect. */
export function unreachable(error: unknown): StoreUnavailableError {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return new StoreUnavailableError(`Redis can not be reached${code === undefined ? '' : ` (${code})`}`);
}
