import { Redis } from 'ioredis';

import { luaLibraries } from '../src/lua-sources.ts';

/**
 * Has the steps of this process tell the time by a key of the namespace instead of by Redis, so that a test can let
 * time pass. To be called before the first step.
 */
export function moveClockByHand(): void {
  luaLibraries.clock = [
    'local clock_ms',
    'local function now()',
    "clock_ms = clock_ms or tonumber(redis.call('GET', KEYS[1] .. 'clock'))",
    'return clock_ms',
    'end',
  ].join('\n');
}

/** The time of one namespace. */
export class MovedClock {
  readonly #redis: Redis;
  readonly #key: string;
  now = 1_700_000_000_000;

  constructor(url: string, namespace: string) {
    this.#redis = new Redis(url);
    this.#key = `{${namespace}}:clock`;
  }

  async begin(): Promise<this> {
    await this.#redis.set(this.#key, this.now);
    return this;
  }

  async elapse(ms: number): Promise<void> {
    this.now += ms;
    await this.#redis.set(this.#key, this.now);
  }

  close(): void {
    this.#redis.disconnect();
  }
}
