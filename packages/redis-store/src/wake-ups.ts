import type { Redis } from 'ioredis';

import type { Connection } from './connection.ts';
import { redisError } from './redis-error.ts';

// The longest delay a timer takes; a longer one would fire at once.
const MAX_TIMER_MS = 2_147_483_647;

/** Who can not hear looks again after this, at the latest. */
const DEAF_MS = 500;

interface Waiter {
  readonly host: string;
  readonly end: () => void;
}

/** Hears from Redis that something may be claimable. A hint: whoever waits has a time-out as well. */
export class WakeUps {
  readonly #connection: Connection;
  readonly #waiters = new Set<Waiter>();
  readonly #changed: () => void;
  #subscribed: Promise<void> | undefined;
  /** Its connection has ended and is not made anew yet: what is said meanwhile it does not hear. */
  #isDeaf = false;

  /** `changed` is called with everything that is heard. */
  constructor(connection: Connection, changed: () => void) {
    this.#connection = connection;
    this.#changed = changed;
  }

  /** Resolves when the host is named, at the latest after `inMs` asks for it, after the time-out, or on abort. */
  async wait(
    host: string,
    timeoutMs: number,
    signal: AbortSignal,
    look: () => Promise<number | undefined>,
  ): Promise<void> {
    const woken = Promise.withResolvers<void>();
    const waiter = { host, end: () => woken.resolve() };
    const timer = setTimeout(waiter.end, Math.min(timeoutMs, this.#isDeaf ? DEAF_MS : MAX_TIMER_MS));
    let soon: NodeJS.Timeout | undefined;
    signal.addEventListener('abort', waiter.end);
    this.#waiters.add(waiter);
    if (signal.aborted) waiter.end();
    try {
      await Promise.race([woken.promise, this.#listen()]);
      const inMs = signal.aborted ? 0 : await Promise.race([woken.promise, look()]);
      if (typeof inMs === 'number') soon = setTimeout(waiter.end, Math.min(inMs, MAX_TIMER_MS));
      await woken.promise;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
      clearTimeout(soon);
      signal.removeEventListener('abort', waiter.end);
      this.#waiters.delete(waiter);
    }
  }

  /** Begins to hear if it does not yet, without waiting for it. Whoever waits is told when that can not be done. */
  listen(): void {
    this.#listen().catch(() => {});
  }

  /** Ends all waits. */
  wakeAll(): void {
    this.#changed();
    for (const { end } of [...this.#waiters]) end();
  }

  #listen(): Promise<void> {
    this.#subscribed ??= this.#subscribe().catch((error: unknown) => {
      this.#subscribed = undefined;
      throw redisError('wait', error);
    });
    return this.#subscribed;
  }

  /** Whoever waits next has a new connection made. */
  #beginAnew(): void {
    this.#subscribed = undefined;
    this.wakeAll();
  }

  async #subscribe(): Promise<void> {
    const client = await this.#connection.subscriber(
      () => void this.#hearAgain(client),
      () => this.#beginAnew(),
    );
    client.on('message', (_channel: string, host: string) => {
      this.#changed();
      for (const waiter of [...this.#waiters]) if (host === '*' || host === waiter.host) waiter.end();
    });
    client.on('close', () => this.#goDeaf());
    await this.#hear(client).catch((error: unknown) => {
      client.disconnect();
      throw error;
    });
  }

  /** Whoever waits looks now, and soon again: it may be long until there is a connection to hear by. */
  #goDeaf(): void {
    if (this.#isDeaf) return;
    this.#isDeaf = true;
    this.wakeAll();
  }

  /** After a connection was made anew. What was said meanwhile nobody has heard. */
  async #hearAgain(client: Redis): Promise<void> {
    try {
      await this.#hear(client);
      this.wakeAll();
    } catch {
      client.disconnect(true);
    }
  }

  async #hear(client: Redis): Promise<void> {
    await client.subscribe(`${this.#connection.prefix}wake`);
    this.#isDeaf = false;
  }
}
