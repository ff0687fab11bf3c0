/**
 * The rules that every store must hold, as tests: one for each promise that the interfaces `Store`, `Queue`, `Budget`
 * and `Fleet` make, in the same words.
 *
 * ## Writing a store
 *
 * Implement `Store` of `@imgferry/core`, then give the suite your test runner and a way to make an empty store. It
 * imports no runner of its own and asserts with `node:assert`, so vitest, `node:test` and others all do.
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * import { testStore } from '@imgferry/core/conformance';
 * import { MyStore } from '../src/index.ts';
 *
 * testStore({ describe, it, createStore: (options) => new MyStore(options) });
 * ```
 *
 * Every rule is run on a store of its own, and closes it. `createStore` is given the retention and the caps that a rule
 * needs; a store may take them as options of the same names. After each rule the counters of every job are compared
 * with its records.
 *
 * Rules about time wait for 30 to 60 milliseconds, a few for 300, one for two seconds. A store whose clock is moved by hand
 * passes `elapse` and waits for nothing; the few rules that take minutes are run for such stores only.
 *
 * ```ts
 * let now = Date.now();
 * testStore({
 *   describe,
 *   it,
 *   createStore: (options) => new MyStore({ ...options, clock: () => now }),
 *   elapse: (ms) => {
 *     now += ms;
 *   },
 * });
 * ```
 *
 * Write the store in the order of the suite: `create` and `claim` first, then how leases end, then the rest. What a
 * store does beyond the interfaces (names of keys, what survives a crash) is tested next to it.
 * @module @imgferry/core/conformance
 */
export { type StoreOptions, type StoreTestOptions, testStore } from './test-store.ts';
