import { type Cluster, Redis } from 'ioredis';

/** A connection to one Redis, or to the nodes of a cluster. */
export type Client = Redis | Cluster;

/** Between two tries to connect. */
const LONGEST_PAUSE_MS = 1_000;
/** For how long a connection that is closed may say goodbye, to a Redis that may not be there any more. */
const FAREWELL_MS = 100;

/** How the connections of a store are set up. */
export interface ClientSettings {
  readonly lazyConnect: boolean;
  readonly enableOfflineQueue: boolean;
  readonly enableAutoPipelining: boolean;
  readonly autoResubscribe: boolean;
  readonly maxRetriesPerRequest: number;
  readonly autoResendUnfulfilledCommands: boolean;
  readonly connectTimeout: number;
  readonly socketTimeout: number;
  readonly maxLoadingRetryTime: number;
  readonly disconnectTimeout: number;
  readonly retryStrategy: (times: number) => number;
  readonly reconnectOnError: (error: Error) => 2 | false;
}

/** @param silenceMs For how long a command may wait on a connection that says nothing. */
export function clientSettings(timeoutMs: number, silenceMs: number = timeoutMs): ClientSettings {
  return {
    lazyConnect: true,
    // What can not be sent now must not be done later, when its caller was told that it failed. So a command that was
    // not answered before its connection ended is rejected at once, and whoever still waits for it sends it again.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    // ioredis would do it without hearing whether it could: what it can not do ends the process.
    autoResubscribe: false,
    connectTimeout: timeoutMs,
    // Of a connection that only looks alive nothing ever tells. While a command waits on it, silence for so long ends it;
    // that goes for the first commands of a new connection too.
    socketTimeout: silenceMs,
    // One that still reads its file says in how long it may be ready, which can be many seconds too many.
    maxLoadingRetryTime: LONGEST_PAUSE_MS,
    disconnectTimeout: FAREWELL_MS,
    retryStrategy: (times) =>
      Math.min(50 * 2 ** Math.min(times, 5), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2),
    reconnectOnError: ({ message }) => (message.startsWith('READONLY') ? 2 : false),
  };
}

/** Another connection to the same Redis, set up as ours are, whatever the one that was passed in bears. */
export function duplicate(client: Client, settings: ClientSettings): Client {
  if (client instanceof Redis) return client.duplicate(settings);
  const { lazyConnect, connectTimeout, socketTimeout, retryStrategy } = settings;
  return client.duplicate([], {
    lazyConnect,
    scaleReads: 'master',
    clusterRetryStrategy: retryStrategy,
    redisOptions: { connectTimeout, socketTimeout },
  });
}
