import { createHash } from 'node:crypto';
import { once } from 'node:events';

import { Cluster, Redis } from 'ioredis';

import { StateError, StoreUnavailableError } from '@imgferry/core';
import { checkServer } from './check-server.ts';
import { keepAlive } from './keep-alive.ts';
import type { ResolvedOptions } from './options.ts';
import { redisError } from './redis-error.ts';
import { type StepName, stepText } from './step-text.ts';

type Client = Redis | Cluster;

const longestRestMs = 1_000;
/** For how long a connection that is closed may say goodbye, to a Redis that may not be there any more. */
const farewellMs = 100;

const digests = new Map<StepName, string>();

/**
 * The way to Redis. Opens a connection when it is first needed, and others of its own for hearing wake-ups and for
 * waiting for events. A command whose reply was lost is sent again; every step gives the same answer twice.
 */
export class Connection {
  readonly prefix: string;
  readonly #options: ResolvedOptions;
  readonly #client: Client;
  readonly #opened = new Set<Client>();
  readonly #ends: (() => void)[] = [];
  #checked: Promise<void> | undefined;
  /** Rejects when this is closed. */
  readonly #closing = Promise.withResolvers<never>();
  #closed = false;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.prefix = `{${options.namespace}}:`;
    this.#closing.promise.catch(() => {});
    this.#client =
      'client' in options.connectTo
        ? options.connectTo.client
        : new Redis(options.connectTo.url, this.#settings());
    if ('url' in options.connectTo) this.#own(this.#client);
  }

  /** Resolves once Redis has been found fit. @throws RedisSetupError @throws StoreUnavailableError */
  ready(): Promise<void> {
    this.#checked ??= this.#check();
    return this.#checked;
  }

  /** Runs a step and answers what it answers. @throws StoreUnavailableError */
  async run(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
    if (this.#closed) throw new StateError('the Redis store is closed');
    try {
      await this.ready();
      return await this.#inTime(this.#send(step, args));
    } catch (error) {
      throw redisError(step, error);
    }
  }

  /** A connection for one purpose, which ends with this. `again` is called each time it was made anew. */
  async dedicated(again: () => void): Promise<Client> {
    if (this.#closed) throw new StateError('the Redis store is closed');
    const client =
      this.#client instanceof Cluster ? this.#client.duplicate() : this.#client.duplicate(this.#settings());
    this.#own(client);
    await this.#connected(client);
    client.on('ready', again);
    return client;
  }

  /** Closes what this has opened, and ends the steps that are under way: whoever closes waits for none of them. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing.reject(new StoreUnavailableError('the Redis store was closed meanwhile'));
    for (const end of this.#ends) end();
    for (const client of this.#opened) client.disconnect();
  }

  #settings() {
    return {
      lazyConnect: true,
      // What can not be sent now must not be done later, when its caller was told that it failed.
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      maxRetriesPerRequest: null,
      connectTimeout: this.#options.timeoutMs,
      disconnectTimeout: farewellMs,
      retryStrategy: (times: number) =>
        Math.min(50 * 2 ** Math.min(times, 5), longestRestMs) * (0.5 + Math.random() / 2),
      reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? (2 as const) : false),
    };
  }

  #own(client: Client): void {
    this.#opened.add(client);
    // Reconnecting goes on by itself, and whoever needs the connection is told by its own step.
    client.on('error', () => {});
    if (client instanceof Redis) this.#ends.push(keepAlive(client, this.#options.timeoutMs));
  }

  async #check(): Promise<void> {
    try {
      await this.#connected(this.#client);
      await this.#inTime(checkServer(this.#client, this.prefix, this.#options.logger));
    } catch (error) {
      this.#checked = undefined;
      throw redisError('check', error);
    }
  }

  async #send(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
    await this.#connected(this.#client);
    const sent = [1, this.prefix, ...args] as const;
    try {
      return await this.#client.evalsha(digestOf(step), ...sent);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await this.#client.eval(stepText(step), ...sent);
    }
  }

  async #connected(client: Client): Promise<void> {
    if (client.status === 'ready') return;
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    if (client.status === 'wait' || client.status === 'end') void client.connect().catch(() => {});
    while ((client.status as string) !== 'ready') {
      if (this.#closed || signal.aborted) throw new StoreUnavailableError('Redis can not be reached');
      await once(client, 'ready', { signal }).catch(() => {});
    }
  }

  async #inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new StoreUnavailableError('Redis did not answer in time');
      timer = setTimeout(() => reject(error), this.#options.timeoutMs);
    });
    try {
      return await Promise.race([answer, late, this.#closing.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function digestOf(step: StepName): string {
  const known = digests.get(step);
  if (known !== undefined) return known;
  const digest = createHash('sha1').update(stepText(step)).digest('hex');
  digests.set(step, digest);
  return digest;
}
