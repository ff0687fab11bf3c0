import { setTimeout as sleep } from 'node:timers/promises';

import type { Redis } from 'ioredis';

import type { HearProgressOptions } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { readProgress } from './read-progress.ts';

/** Between two tries to hear. */
const REST_MS = 500;

/** Those who hear of one job. */
interface Audience {
  readonly listeners: Set<HearProgressOptions>;
  /** Resolves when they hear. */
  readonly hears: PromiseWithResolvers<void>;
}

/**
 * Hears from Redis how far uploads are: of the jobs that somebody wants to hear of, each by a channel of its own. Its
 * connection is opened for the first of them.
 */
export class ProgressFeed {
  readonly #connection: Connection;
  readonly #prefix: string;
  readonly #jobs = new Map<string, Audience>();
  readonly #over = new AbortController();
  #client: Promise<Redis> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#prefix = `${connection.prefix}progress:`;
  }

  /** Resolves when it is heard, or nobody wants to hear it any more. */
  async hear(listener: HearProgressOptions): Promise<void> {
    const { jobId, signal } = listener;
    if (signal.aborted || this.#over.signal.aborted) return;
    const { listeners, hears } = this.#jobs.get(jobId) ?? this.#begin(jobId);
    listeners.add(listener);
    const left = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#leave(listener);
      left.resolve();
    };
    signal.addEventListener('abort', leave, { once: true });
    await Promise.race([hears.promise, left.promise]);
  }

  close(): void {
    this.#over.abort();
    for (const { hears } of this.#jobs.values()) hears.resolve();
    this.#jobs.clear();
  }

  #begin(jobId: string): Audience {
    const audience: Audience = { listeners: new Set(), hears: Promise.withResolvers() };
    this.#jobs.set(jobId, audience);
    void this.#subscribe([jobId]);
    return audience;
  }

  #leave(listener: HearProgressOptions): void {
    const { jobId } = listener;
    const audience = this.#jobs.get(jobId);
    if (!audience?.listeners.delete(listener) || audience.listeners.size > 0) return;
    this.#jobs.delete(jobId);
    // A connection that is down hears of nothing, and of what nobody wants neither when it is back.
    this.#client?.then((client) => client.unsubscribe(this.#prefix + jobId)).catch(() => {});
  }

  /** Tries until Redis has heard which jobs they are, as far as they are still wanted. */
  async #subscribe(jobIds: readonly string[]): Promise<void> {
    for (;;) {
      try {
        const client = await this.#connected();
        const wanted = jobIds.filter((jobId) => this.#jobs.has(jobId));
        if (wanted.length > 0) await client.subscribe(...wanted.map((jobId) => this.#prefix + jobId));
        for (const jobId of wanted) this.#jobs.get(jobId)?.hears.resolve();
        return;
      } catch {
        await sleep(REST_MS, undefined, { signal: this.#over.signal }).catch(() => {});
      }
      if (!jobIds.some((jobId) => this.#jobs.has(jobId))) return;
    }
  }

  #connected(): Promise<Redis> {
    this.#client ??= this.#connect().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async #connect(): Promise<Redis> {
    const again = (): void => void this.#subscribe([...this.#jobs.keys()]);
    const client = await this.#connection.subscriber(again, () => {
      this.#client = undefined;
      if (this.#jobs.size > 0) again();
    });
    client.on('message', (channel: string, message: string) => this.#tell(channel, message));
    return client;
  }

  #tell(channel: string, message: string): void {
    const jobId = channel.slice(this.#prefix.length);
    const audience = this.#jobs.get(jobId);
    const told = audience && readProgress(jobId, message);
    if (told === undefined) return;
    for (const { heard, ended } of audience?.listeners ?? [])
      if ('sentBytes' in told) heard(told);
      else ended(told);
  }
}
