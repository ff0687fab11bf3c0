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

describe('with its own clock', () => {
  testStore({ describe, it, createStore: (options) => new MemoryStore(options) });
});
