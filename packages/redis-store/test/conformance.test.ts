import { randomUUID } from 'node:crypto';

import { describe, inject, it } from 'vitest';

import { silentLogger } from '@imgferry/core';
import { testStore } from '@imgferry/core/conformance';
import { RedisStore } from '../src/index.ts';

// No rule is about steps that take long, and on a busy machine they do.
const patience = { timeoutMs: 20_000, logger: silentLogger };

testStore({
  describe,
  it,
  createStore: (options) =>
    new RedisStore({ ...options, ...patience, url: inject('redisUrl'), namespace: `test-${randomUUID()}` }),
});
