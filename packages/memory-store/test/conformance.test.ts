import { describe, it } from 'vitest';

import { testStore } from '@imgferry/core/conformance';
import { MemoryStore } from '../src/index.ts';

describe('with a clock that is moved by hand', () => {
  let now = 1_700_000_000_000;
  testStore({
    describe,
    it,
    createStore: (options) => new MemoryStore({ ...options, clock: () => now }),
    elapse: (ms) => {
      now += ms;
    },
  });
});

// Each rule has a store of its own, so those that wait can wait at the same time.
describe('with its own clock', () => {
  testStore({ describe, it: it.concurrent, createStore: (options) => new MemoryStore(options) });
});
