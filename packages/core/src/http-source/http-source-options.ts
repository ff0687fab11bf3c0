import { lookup } from 'node:dns';
import { isIP } from 'node:net';

import { InvalidOptionError } from '../errors.ts';
import { whole } from '../options.ts';
import { version } from '../version.ts';
import { createAddressList } from './address-list.ts';
import { type AddressRule, createAddressRule } from './address-rule.ts';
import type { Resolve } from './guarded-connector.ts';
import { canonicalHost } from './source-url.ts';

/** Settings of {@link createHttpSource}. All of them have defaults. */
export interface HttpSourceOptions {
  /**
   * Addresses and CIDRs, IPv4 or IPv6, that may be fetched although they are not public, on any port. Never names or
   * patterns. As soon as one is given, names of inside networks (`minio`, `files.internal`) are looked up as well,
   * and their addresses decide. @default none
   */
  readonly allow?: readonly string[];
  /** The ports on which public addresses may be fetched. @default [80, 443] */
  readonly ports?: readonly number[];
  /** Hosts that are never a source, such as the service's own: names or addresses, without a port. @default none */
  readonly denyHosts?: readonly string[];
  /** For a new connection, lookup and TLS included, in milliseconds; kept to within a second. @default 10000 */
  readonly connectTimeoutMs?: number;
  /** From the request to the whole headers of its answer, in milliseconds. @default 10000 */
  readonly headersTimeoutMs?: number;
  /** Between two chunks of a body while its reader waits, in milliseconds. @default 15000 */
  readonly idleTimeoutMs?: number;
  /**
   * For all the time that is spent waiting for the source, redirects included, in milliseconds. Connecting, waiting
   * for held bytes and a reader that takes its time do not count: the limit is there for sources that trickle.
   * @default 120000
   */
  readonly totalTimeoutMs?: number;
  /** The same for bodies with an announced length above 20,000,000 bytes. @default 600000, or totalTimeoutMs if longer */
  readonly largeTotalTimeoutMs?: number;
  /** How many redirects are followed for one image. @default 5 */
  readonly maxRedirects?: number;
  /** How many bytes of bodies without a length are held in memory at once, in all. @default 268435456 (256 MiB) */
  readonly maxHeldBytes?: number;
  /**
   * Bodies with a length up to this many bytes are collected and can be sent again; of bodies without one, as much is
   * read before they draw on `maxHeldBytes`. @default 262144 (256 KiB)
   */
  readonly smallBytes?: number;
  /**
   * How many connections there are to one host, by its name, and so how many images are read from it at once. Further
   * ones fail as `source_busy`, which sends their uploads back into the queue for a while. @default 6
   */
  readonly connectionsPerHost?: number;
  /**
   * For how long nothing is asked of a host after its 429 or 503, in milliseconds, when it does not say so itself; then
   * one image goes first. Twice as long with each further URL in a row, at most 60 times. @default 1000
   */
  readonly pauseMs?: number;
  /** What the source is told about who asks. @default imgferry and its version */
  readonly userAgent?: string;
  /** Looks names up, as `dns.lookup` does with `all: true`. @default dns.lookup */
  readonly resolve?: Resolve;
}

/** The options with every default filled in and every value checked. */
export interface ResolvedHttpSourceOptions
  extends Required<Omit<HttpSourceOptions, 'allow' | 'ports' | 'denyHosts'>> {
  readonly addresses: AddressRule;
  readonly denyHosts: ReadonlySet<string>;
}

/**
 * Fills in the defaults and refuses what can not work.
 * @throws InvalidOptionError
 */
export function resolveHttpSourceOptions(options: HttpSourceOptions): ResolvedHttpSourceOptions {
  const totalTimeoutMs = whole('totalTimeoutMs', options.totalTimeoutMs ?? 120_000, 1);
  const largeTotalTimeoutMs = options.largeTotalTimeoutMs ?? Math.max(600_000, totalTimeoutMs);
  const denyHosts = list('denyHosts', options.denyHosts ?? []).map(deniedHost);
  return {
    addresses: createAddressRule({
      allow: createAddressList('allow', list('allow', options.allow ?? [])),
      deny: createAddressList(
        'denyHosts',
        denyHosts.map(withoutBrackets).filter((host) => isIP(host) !== 0),
      ),
      ports: new Set(
        list('ports', options.ports ?? [80, 443]).map((port) => whole('ports', port, 1, 65_535)),
      ),
    }),
    denyHosts: new Set(denyHosts),
    connectTimeoutMs: whole('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, 1),
    headersTimeoutMs: whole('headersTimeoutMs', options.headersTimeoutMs ?? 10_000, 1),
    idleTimeoutMs: whole('idleTimeoutMs', options.idleTimeoutMs ?? 15_000, 1),
    totalTimeoutMs,
    largeTotalTimeoutMs: whole('largeTotalTimeoutMs', largeTotalTimeoutMs, totalTimeoutMs),
    maxRedirects: whole('maxRedirects', options.maxRedirects ?? 5, 0, 100),
    maxHeldBytes: whole('maxHeldBytes', options.maxHeldBytes ?? 268_435_456, 1, Number.MAX_SAFE_INTEGER),
    smallBytes: whole('smallBytes', options.smallBytes ?? 262_144, 0),
    connectionsPerHost: whole('connectionsPerHost', options.connectionsPerHost ?? 6, 1),
    pauseMs: whole('pauseMs', options.pauseMs ?? 1_000, 1, 3_600_000),
    userAgent: userAgent(options.userAgent ?? `imgferry/${version} (+https://github.com/imgferry/imgferry)`),
    resolve: resolver(options.resolve ?? lookup),
  };
}

function list<T>(option: string, value: readonly T[]): readonly T[] {
  if (!Array.isArray(value)) throw new InvalidOptionError(option, 'is not a list');
  return value;
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

function deniedHost(host: unknown): string {
  const canonical = typeof host === 'string' ? canonicalHost(host) : undefined;
  if (canonical === undefined)
    throw new InvalidOptionError(
      'denyHosts',
      `holds ${JSON.stringify(host)}; it must be a host name without a port`,
    );
  return canonical;
}

function userAgent(text: string): string {
  if (typeof text !== 'string' || !/^[\x21-\x7e][\x20-\x7e]{0,255}$/.test(text))
    throw new InvalidOptionError('userAgent', 'must be 1 to 256 printable ASCII characters');
  return text;
}

function resolver(resolve: Resolve): Resolve {
  if (typeof resolve !== 'function') throw new InvalidOptionError('resolve', 'is not a function');
  return resolve;
}
