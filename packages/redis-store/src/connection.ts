import { createHash } from 'node:crypto';
import { once } from 'node:events';

import { Cluster, Redis, type RedisOptions } from 'ioredis';

import { StateError, StoreUnavailableError } from '@imgferry/core';
import { checkServer, tellWhatIsMissing } from './check-server.ts';
import { keepAlive } from './keep-alive.ts';
import type { ResolvedOptions } from './options.ts';
import { RedisSetupError, redisError, refusalOf } from './redis-error.ts';
import { type StepName, stepKeys, stepNames, stepText } from './step-text.ts';

type Client = Redis | Cluster;

const longestRestMs = 1_000;
/** A connection that nobody uses says something after so many times what a step may take, at the latest after so long. */
const RESTS = 2;
const LONGEST_REST_MS = 5_000;
/** For how long a connection that is closed may say goodbye, to a Redis that may not be there any more. */
const farewellMs = 100;

/** How connections of our own are set up. */
type Settings = Required<
  Pick<
    RedisOptions,
    | 'lazyConnect'
    | 'enableOfflineQueue'
    | 'enableAutoPipelining'
    | 'maxRetriesPerRequest'
    | 'connectTimeout'
    | 'disconnectTimeout'
    | 'socketTimeout'
    | 'disconnectTimeout'
    | 'reconnectOnError'
  >
> & { readonly retryStrategy: (times: number) => number };

const digests = new Map<StepName, string>();

/**
 * The way to Redis. Opens a connection when it is first needed, and others of its own for hearing wake-ups and for
 * waiting for events. A command whose reply was lost is sent again; every step gives the same answer twice.
 */
export class Connection {
  readonly prefix: string;
  readonly #options: ResolvedOptions;
  readonly #client: Client;
  /** What this has opened, each with what ends its heartbeat. */
  readonly #opened = new Map<Client, () => void>();
  #checked: Promise<void> | undefined;
  #isFit = false;
  /** Why Redis does not want us, as it told when the connection was made last. */
  #refusal: string | undefined;
  /** Ends a step that is under way. */
  readonly #underWay = new Set<(error: Error) => void>();
  #closed = false;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.prefix = `{${options.namespace}}:`;
    if ('client' in options.connectTo) {
      this.#client = options.connectTo.client;
      tellWhatIsMissing(this.#client, options.logger);
      return;
    }
    const client = new Redis(options.connectTo.url, this.#settings());
    this.#client = client;
    this.#own(client);
    this.#keepAlive(client);
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
      return await this.#inTime((over) => this.#sendWhenReady(step, args, over));
    } catch (error) {
      throw redisError(step, error);
    }
  }

  /** A connection that hears what is published. `again` is called each time it was made anew, `ended` when it is over. */
  async subscriber(again: () => void, ended: () => void): Promise<Redis> {
    if (this.#closed) throw new StateError('the Redis store is closed');
    const client = await this.#opening(await this.#wakingNode());
    this.#keepAlive(client);
    client.on('ready', again);
    client.once('end', ended);
    return client;
  }

  /** A connection for one purpose, which ends with this. Answers on it may take `extraMs` longer than those of steps. */
  async dedicated(extraMs: number = 0): Promise<Client> {
    if (this.#closed) throw new StateError('the Redis store is closed');
    return this.#opening(duplicate(this.#client, this.#settings(this.#options.timeoutMs + extraMs)));
  }

  /** Closes what this has opened, and ends the steps that are under way: whoever closes waits for none of them. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const giveUp of this.#underWay)
      giveUp(new StoreUnavailableError('the Redis store was closed meanwhile'));
    for (const client of [...this.#opened.keys()]) this.#disown(client);
  }

  #settings(silenceMs: number = this.#options.timeoutMs): Settings {
    return {
      lazyConnect: true,
      // What can not be sent now must not be done later, when its caller was told that it failed.
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      maxRetriesPerRequest: null,
      connectTimeout: this.#options.timeoutMs,
      // Of a connection that only looks alive nothing ever tells. While a command waits on it, silence for so long ends
      // it; that goes for the first commands of a new connection too.
      socketTimeout: silenceMs,
      disconnectTimeout: farewellMs,
      retryStrategy: (times: number) =>
        Math.min(50 * 2 ** Math.min(times, 5), longestRestMs) * (0.5 + Math.random() / 2),
      reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? (2 as const) : false),
    };
  }

  /**
   * Where wake-ups are heard. In a cluster all nodes tell them, but only the one that has the keys does so before it
   * answers the step that woke. A node can leave for good, so a connection to one that is lost is not kept.
   */
  async #wakingNode(): Promise<Redis> {
    const client = this.#client;
    if (client instanceof Redis) return client.duplicate(this.#settings());
    await this.#connected(client);
    const slot = Number(await this.#inTime(() => client.cluster('KEYSLOT', this.prefix)));
    const nodes = client.nodes('master');
    const isOwner = ({ options }: Redis) => `${options.host}:${options.port}` === client.slots[slot]?.[0];
    const node = nodes.find(isOwner) ?? nodes[0];
    if (node === undefined) throw this.#unreachable();
    return node.duplicate({ ...this.#settings(), retryStrategy: () => null });
  }

  async #opening<Opened extends Client>(client: Opened): Promise<Opened> {
    this.#own(client);
    try {
      await this.#connected(client);
    } catch (error) {
      // It would go on trying beside the one that is made when it is asked for again.
      this.#disown(client);
      throw error;
    }
    return client;
  }

  #own(client: Client): void {
    this.#opened.set(client, () => {});
    client.once('end', () => this.#forget(client));
    // Reconnecting goes on by itself, and whoever needs the connection is told by its own step.
    client.on('error', (error: Error) => {
      this.#refusal ??= refusalOf(error);
    });
    client.on('connect', () => {
      this.#refusal = undefined;
    });
  }

  #disown(client: Client): void {
    this.#forget(client);
    client.disconnect();
  }

  #forget(client: Client): void {
    this.#opened.get(client)?.();
    this.#opened.delete(client);
  }

  #keepAlive(client: Redis): void {
    const everyMs = Math.min(RESTS * this.#options.timeoutMs, LONGEST_REST_MS);
    this.#opened.set(client, keepAlive(client, everyMs));
  }

  async #check(): Promise<void> {
    try {
      await this.#connected(this.#client);
      if (this.#refusal !== undefined) throw new RedisSetupError(this.#refusal);
      await this.#inTime(() => checkServer(this.#client, this.prefix, this.#options.logger));
      await this.#inTime(() => this.#loadSteps());
      this.#isFit = true;
    } catch (error) {
      this.#checked = undefined;
      throw redisError('check', error);
    }
  }

  /** So that steps are taken in the order in which they are sent: one that Redis does not know has to be sent twice. */
  async #loadSteps(): Promise<void> {
    const nodes = this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client];
    const texts = stepNames.map(stepText);
    await Promise.all(nodes.flatMap((node) => texts.map((text) => node.script('LOAD', text))));
  }

  async #sendWhenReady(
    step: StepName,
    args: readonly (string | number)[],
    over: AbortSignal,
  ): Promise<unknown> {
    await this.ready();
    // What its caller was told to have failed must not be done later.
    over.throwIfAborted();
    return this.#send(step, args);
  }

  async #send(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
    await this.#connected(this.#client);
    const keys = stepKeys(this.prefix);
    const sent = [keys.length, ...keys, ...args] as const;
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
      if (this.#closed || signal.aborted || this.#refusal !== undefined) throw this.#unreachable();
      await once(client, 'ready', { signal }).catch(() => {});
    }
  }

  /** A node that died without a word is asked on and on, until the cluster tells who is in its place. */
  #askForNodes(): void {
    if (this.#client instanceof Cluster && this.#client.status === 'ready') this.#client.refreshSlotsCache();
  }

  /** One that does not want us is a mistake to be told at the start; later on it is waited for like one that is away. */
  #unreachable(): Error {
    if (this.#refusal !== undefined && !this.#isFit) return new RedisSetupError(this.#refusal);
    return new StoreUnavailableError(this.#refusal ?? 'Redis can not be reached');
  }

  async #inTime<Answer>(ask: (over: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const over = new AbortController();
    const givenUp = Promise.withResolvers<never>();
    const giveUp = (error: Error): void => {
      over.abort(error);
      givenUp.reject(error);
    };
    this.#underWay.add(giveUp);
    const timer = setTimeout(() => {
      giveUp(new StoreUnavailableError('Redis did not answer in time'));
      this.#askForNodes();
    }, this.#options.timeoutMs);
    try {
      return await Promise.race([ask(over.signal), givenUp.promise]);
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(giveUp);
    }
  }
}

function duplicate(client: Client, settings: Settings): Client {
  if (client instanceof Redis) return client.duplicate(settings);
  const { lazyConnect, connectTimeout, disconnectTimeout, socketTimeout, retryStrategy } = settings;
  return client.duplicate([], {
    lazyConnect,
    scaleReads: 'master',
    clusterRetryStrategy: retryStrategy,
    redisOptions: { connectTimeout, disconnectTimeout, socketTimeout },
  });
}

function digestOf(step: StepName): string {
  const known = digests.get(step);
  if (known !== undefined) return known;
  const digest = createHash('sha1').update(stepText(step)).digest('hex');
  digests.set(step, digest);
  return digest;
}
