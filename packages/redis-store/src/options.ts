import type { Cluster, Redis } from 'ioredis';

import {
  checkOptionNames,
  InvalidOptionError,
  type Logger,
  type OptionNames,
  safeLogger,
} from '@imgferry/core';
import { clientSettings } from './client-settings.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Options of ioredis that change what answers look like. */
const ALTERING = ['stringNumbers'] as const;

/** What a {@link RedisStore} is made with. */
export interface RedisStoreOptions {
  /** Where Redis is, as `redis://127.0.0.1:6379` or `rediss://…`. Give this or `client`. */
  readonly url?: string;
  /** A client of yours. The store never closes it; connections that it opens besides, it does. */
  readonly client?: Redis | Cluster;
  /** What all keys begin with, in braces: `{imgferry}:`. @default 'imgferry' */
  readonly namespace?: string;
  /** For how long a finished job is kept, in milliseconds. Its links stay. @default 7 days */
  readonly retentionMs?: number;
  /** About how many events are kept for those who come back after a while. @default 10_000 */
  readonly maxEvents?: number;
  /** How many links are kept, the newest. @default unlimited */
  readonly maxLinks?: number;
  /** After how long a step that Redis has not answered is given up, in milliseconds. @default 1_500 */
  readonly timeoutMs?: number;
  /** Hears of trouble that no caller is there for. @default warnings and errors to the console */
  readonly logger?: Logger;
}

const names = {
  url: true,
  client: true,
  namespace: true,
  retentionMs: true,
  maxEvents: true,
  maxLinks: true,
  timeoutMs: true,
  logger: true,
} satisfies OptionNames<RedisStoreOptions>;

/** The same with nothing left open. */
export interface ResolvedOptions {
  readonly connectTo: { readonly url: string } | { readonly client: Redis | Cluster };
  readonly namespace: string;
  readonly retentionMs: number;
  readonly maxEvents: number;
  readonly maxLinks: number;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/** Fills in the defaults and refuses what can not work. @throws InvalidOptionError */
export function resolveOptions(options: RedisStoreOptions): ResolvedOptions {
  checkOptionNames(options, names);
  const { namespace = 'imgferry', retentionMs = 7 * DAY_MS, maxEvents = 10_000 } = options;
  const { maxLinks = Number.POSITIVE_INFINITY, timeoutMs = 1_500 } = options;
  const logger = safeLogger(options.logger);
  refuseUnless(
    /^[^{}\p{Cc}]{1,200}$/u.test(namespace) && namespace.isWellFormed(),
    'namespace',
    'must be 1 to 200 characters without braces',
  );
  refuseUnless(retentionMs >= 1, 'retentionMs', `is ${retentionMs}; it must be a number from 1`);
  refuseUnlessCount('maxEvents', maxEvents);
  if (maxLinks !== Number.POSITIVE_INFINITY) refuseUnlessCount('maxLinks', maxLinks);
  refuseUnlessCount('timeoutMs', timeoutMs);
  return { connectTo: connectTo(options), namespace, retentionMs, maxEvents, maxLinks, timeoutMs, logger };
}

function connectTo({ url, client }: RedisStoreOptions): ResolvedOptions['connectTo'] {
  refuseUnless(
    (url === undefined) !== (client === undefined),
    'url',
    'or client must be given, and not both',
  );
  if (client !== undefined) {
    requireFit(client);
    return { client };
  }
  const parsed = URL.parse(url ?? '');
  // The URL itself is not repeated: it may hold a password.
  refuseUnless(/^rediss?:$/.test(parsed?.protocol ?? ''), 'url', 'must begin with redis:// or rediss://');
  refuseUnless(canDecode(url ?? ''), 'url', 'has a % that is not the beginning of an encoded character');
  const [ours] = NOT_IN_A_URL.filter((name) => parsed?.searchParams.has(name));
  refuseUnless(ours === undefined, 'url', `sets ${ours}, which is the store's to set`);
  return { url: url ?? '' };
}

/** The client decodes user and password, and what it throws when it can not says nothing of the url. */
function canDecode(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

/** What would be taken from the query of a URL rather than from the store. */
const NOT_IN_A_URL: readonly string[] = ['keyPrefix', ...ALTERING, ...Object.keys(clientSettings(1))];

function requireFit(client: Redis | Cluster): void {
  const { options } = client;
  const ofNodes: Readonly<Record<string, unknown>> = {
    ...('redisOptions' in options ? options.redisOptions : options),
  };
  refuseUnless(!options.keyPrefix && !ofNodes.keyPrefix, 'client', 'has a keyPrefix; use namespace instead');
  const altering = ALTERING.find((name) => ofNodes[name]);
  refuseUnless(
    altering === undefined,
    'client',
    `has ${altering}, with which answers are not what steps answer`,
  );
}

function refuseUnlessCount(option: string, value: number): void {
  const isCount = Number.isSafeInteger(value) && value >= 1;
  refuseUnless(isCount, option, `is ${value}; it must be a whole number from 1`);
}

function refuseUnless(holds: boolean, option: string, fact: string): void {
  if (!holds) throw new InvalidOptionError(option, fact);
}
