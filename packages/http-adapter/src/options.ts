import {
  checkOptionNames,
  InvalidOptionError,
  type Logger,
  type OptionNames,
  safeLogger,
} from '@imgferry/core';
import { defaultStallTimeoutMs } from './http-exchange.ts';

/** Settings of the endpoints. */
export interface FetchHandlerOptions {
  /**
   * The path they are mounted under, as the client sees it, for example `/images`. Location and Link headers begin
   * with it. Paths outside it are not ours. @default ''
   */
  readonly basePath?: string;
  /** The largest body of a submit, in bytes. @default 1048576 (1 MiB) */
  readonly maxBodyBytes?: number;
  /** For how long a body may take to arrive, in milliseconds. @default 15000 */
  readonly bodyTimeoutMs?: number;
  /**
   * For how long a client may take nothing of an answer that is sent in parts, in milliseconds. Then it is cut off.
   * @default 60000
   */
  readonly stallTimeoutMs?: number;
  /** How many event streams may be open at once; one more is answered with 503, or told to come back when it has an id. @default 2000 */
  readonly maxEventStreams?: number;
  /**
   * Says whose request it is, so that no client takes the event streams of all: its address, or its account. Nothing
   * where that is unknown. Behind a proxy `remoteAddress` is that of the proxy, for all: read the header that it sets.
   * @default nobody is told from another
   */
  readonly clientOf?: (request: Request, connection: ConnectionFacts) => string | undefined;
  /** How many event streams a client may have open at once, when `clientOf` names it; one more is answered with 503. @default 20 */
  readonly maxEventStreamsPerClient?: number;
  /** After how long without an event a stream says that it is still there, in milliseconds. @default 15000 */
  readonly eventHeartbeatMs?: number;
  /**
   * Asked before every endpoint except `/healthz` and `/readyz`, which tell nothing. Answer nothing to let the request
   * pass, or the response it gets instead (401, 403). The body is not to be read. What it throws is answered with 500.
   * @default everyone may do everything
   */
  readonly authorize?: (request: Request) => Response | undefined | Promise<Response | undefined>;
  /**
   * Who may read and pause the whole queue: asked, after `authorize`, before each endpoint below `/v1/queue` and
   * `/v1/hosts`, and answering as it does. Without it these paths are not there: to stop everything is nothing that a
   * stranger may do. @default none
   */
  readonly operator?: (request: Request) => Response | undefined | Promise<Response | undefined>;
  /**
   * Lets pages of other origins call the endpoints, without cookies. Without it the browser keeps the answers from
   * them, and what would change something is refused. @default off
   */
  readonly cors?: CorsOptions;
  /** Takes a line for every answer of 500 or 503, and for every answer that broke off. @default warnings and errors to the console */
  readonly logger?: Logger;
}

/** What is known of the connection that a request came by. */
export interface ConnectionFacts {
  /** The IP address at its other end. `toNodeHandler` knows it; a web handler by itself is not told. */
  readonly remoteAddress: string | undefined;
}

/** Which pages may call. */
export interface CorsOptions {
  /** As browsers send them, for example `https://app.example.com`; `*` is any page, which may then read and change nothing. */
  readonly origins: readonly string[];
}

const names = {
  basePath: true,
  maxBodyBytes: true,
  bodyTimeoutMs: true,
  stallTimeoutMs: true,
  maxEventStreams: true,
  maxEventStreamsPerClient: true,
  clientOf: true,
  eventHeartbeatMs: true,
  authorize: true,
  operator: true,
  cors: true,
  logger: true,
} satisfies OptionNames<FetchHandlerOptions>;

/** The options with every default filled in and every value checked. */
export interface ResolvedOptions {
  readonly basePath: string;
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly maxEventStreams: number;
  readonly clientOf: NonNullable<FetchHandlerOptions['clientOf']> | undefined;
  readonly maxEventStreamsPerClient: number;
  readonly eventHeartbeatMs: number;
  readonly authorize: NonNullable<FetchHandlerOptions['authorize']> | undefined;
  readonly operator: NonNullable<FetchHandlerOptions['operator']> | undefined;
  readonly cors: CorsOptions | undefined;
  readonly logger: Logger;
}

const maxTimerMs = 2_147_483_647;

/**
 * Fills in the defaults and refuses what can not work.
 * @throws InvalidOptionError
 */
export function resolveOptions(options: FetchHandlerOptions): ResolvedOptions {
  checkOptionNames(options, names);
  return {
    basePath: checkBasePath(options.basePath ?? ''),
    maxBodyBytes: whole('maxBodyBytes', options.maxBodyBytes ?? 1_048_576, Number.MAX_SAFE_INTEGER),
    bodyTimeoutMs: whole('bodyTimeoutMs', options.bodyTimeoutMs ?? 15_000, maxTimerMs),
    stallTimeoutMs: whole('stallTimeoutMs', options.stallTimeoutMs ?? defaultStallTimeoutMs, maxTimerMs),
    maxEventStreams: whole('maxEventStreams', options.maxEventStreams ?? 2_000, Number.MAX_SAFE_INTEGER),
    clientOf: options.clientOf,
    maxEventStreamsPerClient: whole(
      'maxEventStreamsPerClient',
      options.maxEventStreamsPerClient ?? 20,
      Number.MAX_SAFE_INTEGER,
    ),
    eventHeartbeatMs: whole('eventHeartbeatMs', options.eventHeartbeatMs ?? 15_000, maxTimerMs),
    authorize: checkHook('authorize', options.authorize),
    operator: checkHook('operator', options.operator),
    cors: options.cors === undefined ? undefined : checkCors(options.cors),
    logger: safeLogger(options.logger),
  };
}

function checkBasePath(basePath: string): string {
  if (basePath === '' || /^(\/[\w.~!$&'()*+,;=:@-]+)+$/.test(basePath)) return basePath;
  throw new InvalidOptionError(
    'basePath',
    `is ${JSON.stringify(basePath)}; it must be empty or a path like /images, without a slash at its end`,
  );
}

function whole(option: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new InvalidOptionError(option, `is ${value}; it must be a whole number from 1 to ${most}`);
}

/** One that is none would be asked nothing, and let everyone in. */
function checkHook<Hook>(option: string, hook: Hook | undefined): Hook | undefined {
  if (hook === undefined || typeof hook === 'function') return hook;
  throw new InvalidOptionError(option, 'is not a function');
}

function checkCors(cors: CorsOptions): CorsOptions {
  checkOptionNames(cors, { origins: true }, 'cors');
  const { origins } = cors;
  if (!Array.isArray(origins) || origins.length === 0)
    throw new InvalidOptionError('cors.origins', 'is empty; name an origin or leave cors out');
  for (const origin of origins)
    if (origin !== '*' && !isOrigin(origin))
      throw new InvalidOptionError(
        'cors.origins',
        `has ${JSON.stringify(origin)}; an origin is like https://app.example.com`,
      );
  return { origins: [...origins] };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
