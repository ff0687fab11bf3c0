import { lookup } from 'node:dns';

import { InvalidOptionError } from '../errors.ts';
import { checkOptionNames, type OptionNames } from '../option-names.ts';
import { whole } from '../options.ts';
import type { Settings } from '../settings.ts';
import { version } from '../version.ts';
import { createAddressList } from './addresses/address-list.ts';
import { type AddressRule, createAddressRule } from './addresses/address-rule.ts';
import { askNameServers } from './addresses/ask-name-servers.ts';
import { readDeniedHosts } from './addresses/denied-hosts.ts';
import type { Resolve } from './addresses/guarded-lookup.ts';
import { type HostCertificates, readHostCertificates } from './addresses/host-certificates.ts';

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
  /**
   * Hosts that are never a source, such as the service's own: names without a port, addresses, CIDRs. A name is denied
   * as it stands in a URL or a redirect; other names and addresses of the same machine are not known to be it. An
   * address is denied whatever leads to it, an IPv4 address in IPv6 forms too. What has to be out of reach is given by
   * its addresses: also public ones that only insiders should reach, those of this machine among them, and the NAT64
   * prefix of a network that has one of its own (RFC 6052, section 3.1). @default none
   */
  readonly denyHosts?: readonly string[];
  /** For the lookup of a name, in milliseconds. @default 5000 */
  readonly lookupTimeoutMs?: number;
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
  /**
   * How fast a body has to come on average while its reader waits for it; 0 demands nothing. A source may fall behind by
   * twice `idleTimeoutMs`, so that a body of `n` bytes takes no longer than that and `n / minBytesPerSecond` seconds.
   * Bodies that draw on `maxHeldBytes` have to come 32 times as fast, because others wait for what they hold.
   * @default 1024
   */
  readonly minBytesPerSecond?: number;
  /** How many redirects are followed for one image. @default 5 */
  readonly maxRedirects?: number;
  /**
   * How many bytes of bodies without a length are held in memory at once, in all. Two bodies wait for them; others fail
   * as `source_busy`, which sends their uploads back into the queue for a while. @default 268435456 (256 MiB)
   */
  readonly maxHeldBytes?: number;
  /**
   * Bodies with a length up to this many bytes are collected and can be sent again; of bodies without one, as much is
   * read before they draw on `maxHeldBytes`. @default 262144 (256 KiB)
   */
  readonly smallBytes?: number;
  /**
   * The most pixels that an image may have, width times height, as its header says. Nothing is decoded to find out. A
   * host may take fewer. @default 268402689, 16,383 squared: what sharp decodes unless told otherwise (`limitInputPixels`)
   */
  readonly maxPixels?: number;
  /**
   * Certificates that are trusted for one host each, by its exact name or address: of an authority, or self-signed, as
   * PEM. For that host they stand in place of the public authorities. Names and dates are checked all the same.
   * @default none
   */
  readonly certificates?: Readonly<Record<string, string>>;
  /**
   * How many connections there are to one host, by its name, and so how many images are read from it at once. Further
   * ones fail as `source_busy`, which sends their uploads back into the queue for a while. @default 6
   */
  readonly connectionsPerHost?: number;
  /**
   * For how long nothing is asked of a host after its 429 or 503, in milliseconds, when it does not say so itself; then
   * one image goes first. Twice as long with each further URL in a row, at most 16 times. A host
   * that gives no other answer for 600 times as long is given up for a while. @default 1000
   */
  readonly hostPauseMs?: number;
  /** What the source is told about who asks. @default imgferry and its version */
  readonly userAgent?: string;
  /**
   * Looks names up, as `dns.lookup` does with `all: true`. `dns.lookup` knows the hosts file and the search domains of
   * the machine, which inside names may need. It also lets two names with silent name servers hold up all others,
   * unless UV_THREADPOOL_SIZE is raised. @default the name servers of the machine; dns.lookup where `allow` is given
   */
  readonly resolve?: Resolve;
}

const names = {
  allow: true,
  ports: true,
  denyHosts: true,
  lookupTimeoutMs: true,
  connectTimeoutMs: true,
  headersTimeoutMs: true,
  idleTimeoutMs: true,
  totalTimeoutMs: true,
  largeTotalTimeoutMs: true,
  minBytesPerSecond: true,
  maxRedirects: true,
  maxHeldBytes: true,
  smallBytes: true,
  maxPixels: true,
  certificates: true,
  connectionsPerHost: true,
  hostPauseMs: true,
  userAgent: true,
  resolve: true,
} satisfies OptionNames<HttpSourceOptions>;

/** The options with every default filled in and every value checked. */
export interface ResolvedHttpSourceOptions
  extends Required<Omit<HttpSourceOptions, 'allow' | 'ports' | 'denyHosts' | 'certificates'>> {
  readonly addresses: AddressRule;
  readonly denyHosts: ReadonlySet<string>;
  readonly certificates: HostCertificates;
  readonly settings: Settings;
}

/**
 * Fills in the defaults and refuses what can not work.
 * @throws InvalidOptionError
 */
export function resolveHttpSourceOptions(options: HttpSourceOptions): ResolvedHttpSourceOptions {
  checkOptionNames(options, names);
  const totalTimeoutMs = whole('totalTimeoutMs', options.totalTimeoutMs ?? 120_000, 1);
  const largeTotalTimeoutMs = options.largeTotalTimeoutMs ?? Math.max(600_000, totalTimeoutMs);
  const limits = {
    lookupTimeoutMs: whole('lookupTimeoutMs', options.lookupTimeoutMs ?? 5_000, 1),
    connectTimeoutMs: whole('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, 1),
    headersTimeoutMs: whole('headersTimeoutMs', options.headersTimeoutMs ?? 10_000, 1),
    idleTimeoutMs: whole('idleTimeoutMs', options.idleTimeoutMs ?? 15_000, 1),
    totalTimeoutMs,
    largeTotalTimeoutMs: whole('largeTotalTimeoutMs', largeTotalTimeoutMs, totalTimeoutMs),
    minBytesPerSecond: whole('minBytesPerSecond', options.minBytesPerSecond ?? 1_024, 0),
    maxRedirects: whole('maxRedirects', options.maxRedirects ?? 5, 0, 100),
    maxHeldBytes: whole('maxHeldBytes', options.maxHeldBytes ?? 268_435_456, 1, Number.MAX_SAFE_INTEGER),
    smallBytes: whole('smallBytes', options.smallBytes ?? 262_144, 0),
    maxPixels: whole('maxPixels', options.maxPixels ?? 0x3fff ** 2, 1, Number.MAX_SAFE_INTEGER),
    connectionsPerHost: whole('connectionsPerHost', options.connectionsPerHost ?? 6, 1),
    hostPauseMs: whole('hostPauseMs', options.hostPauseMs ?? 1_000, 1, 3_600_000),
  };
  const allow = list('allow', options.allow ?? []);
  const allowed = createAddressList('allow', allow);
  const denyHosts = list('denyHosts', options.denyHosts ?? []);
  const denied = readDeniedHosts(denyHosts);
  const ports = list('ports', options.ports ?? [80, 443]).map((port) => whole('ports', port, 1, 65_535));
  const certificates = readHostCertificates(options.certificates ?? {});
  return {
    ...limits,
    addresses: createAddressRule({ allow: allowed, deny: denied.addresses, ports: new Set(ports) }),
    denyHosts: denied.names,
    certificates,
    userAgent: userAgent(options.userAgent ?? `imgferry/${version} (+https://github.com/imgferry/imgferry)`),
    resolve: resolver(options.resolve ?? (allowed.empty ? askNameServers(limits.lookupTimeoutMs) : lookup)),
    // What is allowed and denied inside is nobody's business; that something is, is.
    settings: Object.freeze({
      ...limits,
      ports: ports.join(', '),
      allow: allow.length,
      denyHosts: denyHosts.length,
      certificates: Object.keys(options.certificates ?? {}).length,
    }),
  };
}

function list<T>(option: string, value: readonly T[]): readonly T[] {
  if (!Array.isArray(value)) throw new InvalidOptionError(option, 'is not a list');
  return value;
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
