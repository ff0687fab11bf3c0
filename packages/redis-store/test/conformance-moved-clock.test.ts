import { randomUUID } from 'node:crypto';

import { afterEach, describe, inject, it } from 'vitest';

import { silentLogger } from '@imgferry/core';
import { testStore } from '@imgferry/core/conformance';
import { RedisStore } from '../src/index.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';

moveClockByHand();
let clock: MovedClock | undefined;

afterEach(() => clock?.close());

testStore({
  describe,
  it,
  createStore: async (options) => {
    const namespace = `test-${randomUUID()}`;
    clock = await new MovedClock(inject('redisUrl'), namespace).begin();
    return new RedisStore({
      ...options,
      url: inject('redisUrl'),
      namespace,
      timeoutMs: 20_000,
      logger: silentLogger,
    });
  },
  elapse: (ms) => clock?.elapse(ms),
});
