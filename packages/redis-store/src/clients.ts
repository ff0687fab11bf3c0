import { Cluster, Redis } from 'ioredis';

import { StoreUnavailableError } from '@imgferry/core';
import { tellWhatIsMissing } from './check-server.ts';
import { type Client, clientSettings, duplicate } from './client-settings.ts';
import type { InTime } from './in-time.ts';
import { keepAlive } from './keep-alive.ts';
import type { ResolvedOptions } from './options.ts';
import { isFault, RedisSetupError, refusalOf, unreachable } from './redis-error.ts';

/** A connection that nobody uses says something after so many times what a step may take, at the latest after so long. */
const RESTS = 2;
const LONGEST_REST_MS = 5_000;

/** The connections of a store: the one that steps go by, which may have been passed in, and those that it opens besides. */
export class Clients {
  /** The one that steps go by. */
  readonly main: Client;
  readonly #timeoutMs: number;
  readonly #inTime: InTime;
  /** What this has opened, each with what ends its heartbeat. */
  readonly #opened = new Map<Client, () => void>();
  /** Why Redis does not want us, as it told when a connection was made last. */
  #refusal: string | undefined;
  #isFit = false;
  /** What the last try to connect came to. */
  #lastTrouble: Error | undefined;
  /** Those that wait for a connection share one wait. */
  readonly #waits = new Map<Client, Promise<void>>();
  readonly #closing = new AbortController();

  /** Connects to nothing yet. */
  constructor({ connectTo, timeoutMs, logger }: ResolvedOptions, inTime: InTime) {
    this.#timeoutMs = timeoutMs;
    this.#inTime = inTime;
    if ('client' in connectTo) {
      this.main = connectTo.client;
      tellWhatIsMissing(connectTo.client, logger);
      return;
    }
    const client = new Redis(connectTo.url, clientSettings(timeoutMs));
    this.main = client;
    this.#own(client);
    this.#keepAlive(client);
  }

  /** All that take writes. */
  get masters(): readonly Redis[] {
    return this.main instanceof Cluster ? this.main.nodes('master') : [this.main];
  }

  /** From now on a Redis that does not want us is waited for like one that is away. */
  tellFit(): void {
    this.#isFit = true;
  }

  /**
   * Resolves once a connection can be used, however long that takes.
   * @throws RedisSetupError when Redis does not want us, while it has not been found fit
   * @throws StoreUnavailableError when it does not later on, or when the connection has ended
   */
  untilReady(client: Client): Promise<void> {
    const known = this.#waits.get(client);
    if (known !== undefined) return known;
    const ready = this.#wait(client).finally(() => this.#waits.delete(client));
    this.#waits.set(client, ready);
    return ready;
  }

  /** Another connection. Answers on it may take `extraMs` longer than those of steps. */
  async open(extraMs: number): Promise<Client> {
    return this.#opening(duplicate(this.main, clientSettings(this.#timeoutMs, this.#timeoutMs + extraMs)));
  }

  /**
   * A connection that hears what is published. In a cluster all nodes tell it, but only the one that has the keys does so
   * before it answers the step that told. A node can leave for good, so a connection to one that is lost is not kept.
   */
  async openSubscriber(key: string): Promise<Redis> {
    const settings = clientSettings(this.#timeoutMs);
    const client = await this.#opening(
      this.main instanceof Redis
        ? this.main.duplicate(settings)
        : (await this.#ownerOf(this.main, key)).duplicate({ ...settings, retryStrategy: () => null }),
    );
    this.#keepAlive(client);
    return client;
  }

  /**
   * Whether an error says that a connection ended before it brought the answer. A cluster sends again by itself, for as
   * long as it was told to.
   */
  isLost(error: unknown): boolean {
    if (this.main instanceof Cluster || this.#closing.signal.aborted) return false;
    if (isFault(error)) return false;
    return error instanceof Error && error.name !== 'ReplyError' && this.main.status !== 'end';
  }

  /** What is told when no answer came in time. A node that died without a word is asked for until the cluster tells of another. */
  late(): Error {
    if (this.main.status !== 'ready') return unreachable(this.#lastTrouble);
    if (this.main instanceof Cluster) this.main.refreshSlotsCache();
    return new StoreUnavailableError('Redis did not answer in time');
  }

  /** Closes what this has opened. */
  close(): void {
    this.#closing.abort();
    for (const client of [...this.#opened.keys()]) this.#disown(client);
  }

  async #ownerOf(cluster: Cluster, key: string): Promise<Redis> {
    await this.#inTime.wait(() => this.untilReady(cluster));
    const slot = Number(await this.#inTime.wait(() => cluster.cluster('KEYSLOT', key)));
    const [owner] = cluster.slots[slot] ?? [];
    const isOwner = ({ options }: Redis): boolean => `${options.host}:${options.port}` === owner;
    const node = this.masters.find(isOwner) ?? this.masters[0];
    if (node === undefined) throw new StoreUnavailableError('the cluster has no master');
    return node;
  }

  async #opening<Opened extends Client>(client: Opened): Promise<Opened> {
    this.#own(client);
    try {
      await this.#inTime.wait(() => this.untilReady(client));
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
      this.#lastTrouble = error;
    });
    client.on('connect', () => {
      this.#refusal = undefined;
    });
    client.on('ready', () => {
      this.#lastTrouble = undefined;
    });
  }

  #keepAlive(client: Redis): void {
    const everyMs = Math.min(RESTS * this.#timeoutMs, LONGEST_REST_MS);
    this.#opened.set(client, keepAlive(client, everyMs));
  }

  #disown(client: Client): void {
    this.#forget(client);
    client.disconnect();
  }

  #forget(client: Client): void {
    this.#opened.get(client)?.();
    this.#opened.delete(client);
  }

  #wait(client: Client): Promise<void> {
    // One that its owner has closed stays closed.
    if (client.status === 'wait') void client.connect().catch(() => {});
    const { signal } = this.#closing;
    const waited = Promise.withResolvers<void>();
    const look = (): void => {
      const trouble = this.#troubleWith(client);
      if (trouble !== undefined) waited.reject(trouble);
      else if (client.status === 'ready') waited.resolve();
    };
    for (const event of ['ready', 'error', 'end'] as const) client.on(event, look);
    signal.addEventListener('abort', look);
    look();
    return waited.promise.finally(() => {
      for (const event of ['ready', 'error', 'end'] as const) client.off(event, look);
      signal.removeEventListener('abort', look);
    });
  }

  /**
   * Why a connection can not be used. That Redis does not want us is a mistake to be told at the start, also when it goes
   * on in another database than it was told to; later on it is waited for like a Redis that is away.
   */
  #troubleWith(client: Client): Error | undefined {
    const refusal = this.#refusal;
    if (refusal !== undefined && !this.#isFit) return new RedisSetupError(refusal);
    if (refusal !== undefined && client.status !== 'ready') return new StoreUnavailableError(refusal);
    const isOver = this.#closing.signal.aborted || client.status === 'end';
    return isOver ? new StoreUnavailableError('the connection to Redis was ended') : undefined;
  }
}
