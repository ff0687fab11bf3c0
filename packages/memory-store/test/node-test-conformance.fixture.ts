// The suite under another runner than vitest: node-test-runner.test.ts runs this file with `node --test`.
import { describe, it } from 'node:test';

import { testStore } from '@imgferry/core/conformance';
import { MemoryStore } from '../src/index.ts';

let now = 1_700_000_000_000;

testStore({
  describe,
  it,
  createStore: (options) => new MemoryStore({ ...options, clock: () => now }),
  elapse: (ms) => {
    now += ms;
  },
});
