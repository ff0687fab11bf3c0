import { InvalidOptionError } from '../../errors.ts';
import type { ListenOptions } from '../loopback-server.ts';
import type { AcceptedCredentials } from './stand-in-credentials.ts';
import type { ImgurLimits } from './stand-in-limits.ts';

/** How the stand-in is to behave. */
export interface ImgurStandInOptions extends ListenOptions {
  /** What it allows, in Imgur's own units. @default { client: 12500, user: 500, post: 1250 } */
  readonly limits?: ImgurLimits;
  /**
   * How the headers say when a limit is full again: in seconds from now, as replies to uploads do, or as seconds since
   * 1970, as the documentation says. The one about POSTs always says seconds from now. @default 'seconds'
   */
  readonly resets?: 'seconds' | 'epoch';
  /** Milliseconds since 1970: for the limits and for the times of images. @default Date.now */
  readonly clock?: () => number;
  /** The Client-IDs that it accepts. @default every one */
  readonly clientIds?: Iterable<string>;
  /** The access tokens that it accepts, beside those it gives out itself. @default every one */
  readonly accessTokens?: Iterable<string>;
  /** The refresh tokens that it accepts, each once, beside those it gives out itself. @default every one, each once */
  readonly refreshTokens?: Iterable<string>;
  /** The largest still image in bytes. @default 20971520 (20 MiB) */
  readonly maxStillBytes?: number;
  /** The largest GIF or video in bytes. @default 209715200 (200 MiB) */
  readonly maxMovingBytes?: number;
  /** How many of the newest images are remembered. @default 10000 */
  readonly keep?: number;
  /** Waits so long before every answer to an upload, in milliseconds. @default 0 */
  readonly latencyMs?: number;
}

/** The options with every default filled in and every value checked. */
export interface ResolvedStandInOptions {
  readonly limits: Required<ImgurLimits>;
  readonly resets: 'seconds' | 'epoch';
  readonly clock: () => number;
  readonly credentials: AcceptedCredentials;
  readonly maxStillBytes: number;
  readonly maxMovingBytes: number;
  readonly keep: number;
  readonly latencyMs: number;
}

/**
 * Fills in the defaults and refuses what can not work.
 * @throws InvalidOptionError
 */
export function resolveStandInOptions(options: ImgurStandInOptions): ResolvedStandInOptions {
  const { clientIds, accessTokens, refreshTokens } = options;
  return {
    limits: {
      client: limit('limits.client', options.limits?.client ?? 12_500),
      user: limit('limits.user', options.limits?.user ?? 500),
      post: limit('limits.post', options.limits?.post ?? 1_250),
    },
    resets: options.resets ?? 'seconds',
    clock: options.clock ?? Date.now,
    credentials: { clientIds, accessTokens, refreshTokens },
    maxStillBytes: wholeFrom('maxStillBytes', options.maxStillBytes ?? 20 * 1024 * 1024, 1),
    maxMovingBytes: wholeFrom('maxMovingBytes', options.maxMovingBytes ?? 200 * 1024 * 1024, 1),
    keep: wholeFrom('keep', options.keep ?? 10_000, 1),
    latencyMs: wholeFrom('latencyMs', options.latencyMs ?? 0, 0),
  };
}

function limit(option: string, value: number | false): number | false {
  return value === false ? false : wholeFrom(option, value, 0);
}

function wholeFrom(option: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InvalidOptionError(option, `is ${value}; it must be a whole number from ${least}`);
}
