import {
  checkOptionNames,
  InvalidOptionError,
  type Logger,
  type OptionNames,
  safeLogger,
} from '@imgferry/core';
import { gateOf, type MonitorAccess } from './access/access.ts';
import type { Gate } from './access/visitor.ts';
import { type ClientOf, type Connection, clientNamer } from './client.ts';

/** Settings of a monitor. */
export interface MonitorOptions {
  /** Who may look and who may steer. There is no default: whoever reads everything and cancels jobs is chosen on purpose. */
  readonly access: MonitorAccess;
  /** The path it is mounted under, as the browser sees it, for example `/monitor`. @default '' */
  readonly basePath?: string;
  /** How often what somebody watches is looked at, in milliseconds, from 100. @default 1000 */
  readonly refreshMs?: number;
  /**
   * Says whose request it is, so that wrong passwords and open pages are counted for each client: its address, or
   * whatever tells it from others. Nothing where that is unknown: then all such are one client with their passwords, and
   * none with their pages. Behind a proxy `remoteAddress` is that of the proxy, for all: read the header that it sets.
   * @default the address of the connection
   */
  readonly clientOf?: (request: Request, connection: Connection) => string | undefined;
  /** How many pages may watch at once; one more is answered with 503. @default 100 */
  readonly maxStreams?: number;
  /** How many of them may be of one client; one more is answered with 503. @default 20 */
  readonly maxStreamsPerClient?: number;
  /** Shows the queries of source URLs, in which signatures and tokens are. @default false */
  readonly showQueries?: boolean;
  /** Takes a line for everything that somebody changed, for many wrong passwords, and for every answer of 500 or 503. @default warnings and errors to the console */
  readonly logger?: Logger;
  /** Ends it when it aborts: pages that are open are closed, and whatever is asked from then on is 503. @default never */
  readonly signal?: AbortSignal;
}

const names = {
  access: true,
  basePath: true,
  refreshMs: true,
  clientOf: true,
  maxStreams: true,
  maxStreamsPerClient: true,
  showQueries: true,
  logger: true,
  signal: true,
} satisfies OptionNames<MonitorOptions>;

/** The options with every default filled in and every value checked. */
export interface ResolvedOptions {
  readonly gate: Gate;
  readonly basePath: string;
  readonly refreshMs: number;
  readonly clientOf: ClientOf;
  readonly maxStreams: number;
  readonly maxStreamsPerClient: number;
  readonly showQueries: boolean;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
}

/**
 * Fills in the defaults and refuses what can not work.
 * @throws InvalidOptionError
 */
export function resolveOptions(options: MonitorOptions): ResolvedOptions {
  checkOptionNames(options, names);
  const logger = safeLogger(options.logger);
  const clientOf = clientNamer(options.clientOf, logger);
  return {
    gate: gateOf(options.access, { clientOf, logger }),
    basePath: checkBasePath(options.basePath ?? ''),
    refreshMs: whole('refreshMs', options.refreshMs ?? 1_000, 100, 3_600_000),
    clientOf,
    maxStreams: whole('maxStreams', options.maxStreams ?? 100, 1, 100_000),
    maxStreamsPerClient: whole('maxStreamsPerClient', options.maxStreamsPerClient ?? 20, 1, 100_000),
    showQueries: flag('showQueries', options.showQueries ?? false),
    logger,
    signal: checkSignal(options.signal),
  };
}

function checkBasePath(basePath: string): string {
  if (basePath === '' || /^(\/[\w.~!$&'()*+,;=:@-]+)+$/.test(basePath)) return basePath;
  throw new InvalidOptionError(
    'basePath',
    `is ${JSON.stringify(basePath)}; it must be empty or a path like /monitor, without a slash at its end`,
  );
}

function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new InvalidOptionError('signal', 'is not an AbortSignal');
}

function whole(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidOptionError(option, `is ${value}; it must be a whole number from ${least} to ${most}`);
}

/** A text like 'false' would show what it was meant to hide. */
function flag(option: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw new InvalidOptionError(option, 'must be true or false');
}
