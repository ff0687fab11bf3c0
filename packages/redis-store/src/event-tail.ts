import { setTimeout as sleep } from 'node:timers/promises';

import type { Cluster, Redis } from 'ioredis';

import { StateError } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { isBefore } from './event-log.ts';

const BLOCK_MS = 2_000;
const REST_MS = 500;

/** Waits for the end of the history to move on: one connection for all who follow, and none while nobody does. */
export class EventTail {
  readonly #connection: Connection;
  readonly #waiting = new Set<() => void>();
  #followers = 0;
  #running: Promise<void> | undefined;
  #client: Promise<Redis | Cluster> | undefined;
  #last = '0-0';
  closed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Someone follows, until the function that this answers is called. */
  join(): () => void {
    this.#followers += 1;
    this.#running ??= this.#run();
    return () => {
      this.#followers -= 1;
    };
  }

  /** Resolves when there is something after an entry, now and then without a reason, on abort and when closed. */
  async after(entry: string, signal: AbortSignal): Promise<void> {
    if (isBefore(entry, this.#last) || signal.aborted || this.closed) return;
    const woken = Promise.withResolvers<void>();
    const wake = (): void => woken.resolve();
    const timer = setTimeout(wake, 2 * BLOCK_MS);
    signal.addEventListener('abort', wake);
    this.#waiting.add(wake);
    await woken.promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }

  /** Tries until Redis answers. `undefined` when nobody wants to know any more. */
  async persist<Answer>(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer | undefined> {
    while (!signal.aborted && !this.closed) {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof StateError) return undefined;
        await sleep(REST_MS, undefined, { signal }).catch(() => {});
      }
    }
    return undefined;
  }

  close(): void {
    this.closed = true;
    this.#wake();
  }

  async #run(): Promise<void> {
    while (this.#followers > 0 && !this.closed) {
      try {
        this.#client ??= this.#connection.dedicated(() => {});
        await this.#look(await this.#client);
      } catch {
        if ((await this.#client?.then(({ status }) => status).catch(() => 'end')) === 'end')
          this.#client = undefined;
        if (!this.closed) await sleep(REST_MS, undefined, { ref: false });
      }
    }
    this.#running = undefined;
  }

  async #look(client: Redis | Cluster): Promise<void> {
    const key = `${this.#connection.prefix}events`;
    const from = this.#last === '0-0' ? '$' : this.#last;
    const read = await client.xread('COUNT', 1_000, 'BLOCK', BLOCK_MS, 'STREAMS', key, from);
    const last = read?.[0]?.[1].at(-1)?.[0];
    if (last === undefined) return;
    this.#last = last;
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
