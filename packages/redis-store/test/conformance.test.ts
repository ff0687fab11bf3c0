import { randomUUID } from 'node:crypto';

import { describe, inject, it } from 'vitest';

import { testStore } from '@imgferry/core/conformance';
import { RedisStore } from '../src/index.ts';

testStore({
  describe,
  it,
  createStore: (options) =>
    new RedisStore({ ...options, url: inject('redisUrl'), namespace: `test-${randomUUID()}` }),
});
