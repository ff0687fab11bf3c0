import { once } from 'node:events';

import { Cluster, Redis } from 'ioredis';

import { StoreUnavailableError } from '@imgferry/core';
import { tellWhatIsMissing } from './check-server.ts';
import { type Client, clientSettings, duplicate } from './client-settings.ts';
import type { InTime } from './in-time.ts';
import { keepAlive } from './keep-alive.ts';
import type { ResolvedOptions } from './options.ts';
import { RedisSetupError, refusalOf } from './redis-error.ts';

/** A connection that nobody uses says something after so many times what a step may take, at the latest after so long. */
const RESTS = 2;
const LONGEST_REST_MS = 5_000;

/** The connections of a store: the one that steps go by, which may have been passed in, and those that it opens besides. */
export class Clients {
  /** The one that steps go by. */
  readonly main: Client;
  readonly #timeoutMs: number;
  /** What this has opened, each with what ends its heartbeat. */
  readonly #opened = new Map<Client, () => void>();
  /** Why Redis does not want us, as it told when a connection was made last. */
  #refusal: string | undefined;
  #isFit = false;
  #closed = false;

  /** Connects to nothing yet. */
  constructor({ connectTo, timeoutMs, logger }: ResolvedOptions) {
    this.#timeoutMs = timeoutMs;
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
   * Resolves once a connection can be used.
   * @throws RedisSetupError when Redis does not want us, while it has not been found fit
   * @throws StoreUnavailableError
   */
  async connected(client: Client): Promise<void> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    if (client.status === 'wait' || client.status === 'end') void client.connect().catch(() => {});
    while ((client.status as string) !== 'ready') {
      if (this.#closed || signal.aborted || this.#refusal !== undefined) throw this.#unreachable();
      await once(client, 'ready', { signal }).catch(() => {});
    }
    // One that goes on in another database than it was told to is ready as well.
    if (!this.#isFit && this.#refusal !== undefined) throw this.#unreachable();
  }

  /** Another connection. Answers on it may take `extraMs` longer than those of steps. */
  async open(extraMs: number): Promise<Client> {
    return this.#opening(duplicate(this.main, clientSettings(this.#timeoutMs, this.#timeoutMs + extraMs)));
  }

  /**
   * A connection that hears what is published. In a cluster all nodes tell it, but only the one that has the keys does so
   * before it answers the step that told. A node can leave for good, so a connection to one that is lost is not kept.
   */
  async openSubscriber(key: string, inTime: InTime): Promise<Redis> {
    const settings = clientSettings(this.#timeoutMs);
    const client = await this.#opening(
      this.main instanceof Redis
        ? this.main.duplicate(settings)
        : (await this.#ownerOf(this.main, key, inTime)).duplicate({ ...settings, retryStrategy: () => null }),
    );
    this.#keepAlive(client);
    return client;
  }

  /** A node that died without a word is asked on and on, until the cluster tells who is in its place. */
  askForNodes(): void {
    if (this.main instanceof Cluster && this.main.status === 'ready') this.main.refreshSlotsCache();
  }

  /** Closes what this has opened. */
  close(): void {
    this.#closed = true;
    for (const client of [...this.#opened.keys()]) this.#disown(client);
  }

  async #ownerOf(cluster: Cluster, key: string, inTime: InTime): Promise<Redis> {
    await this.connected(cluster);
    const slot = Number(await inTime.wait(() => cluster.cluster('KEYSLOT', key)));
    const [owner] = cluster.slots[slot] ?? [];
    const isOwner = ({ options }: Redis): boolean => `${options.host}:${options.port}` === owner;
    const node = this.masters.find(isOwner) ?? this.masters[0];
    if (node === undefined) throw this.#unreachable();
    return node;
  }

  async #opening<Opened extends Client>(client: Opened): Promise<Opened> {
    this.#own(client);
    try {
      await this.connected(client);
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

  /** One that does not want us is a mistake to be told at the start; later on it is waited for like one that is away. */
  #unreachable(): Error {
    if (this.#refusal !== undefined && !this.#isFit) return new RedisSetupError(this.#refusal);
    return new StoreUnavailableError(this.#refusal ?? 'Redis can not be reached');
  }
}
