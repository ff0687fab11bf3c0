import { setTimeout as sleep } from 'node:timers/promises';

import type { Store } from '../store.ts';
import { areas } from './areas.ts';
import { checkCounters } from './check-counters.ts';
import type { Rule } from './rule.ts';
import { Scenario } from './scenario.ts';

/** What some rules need a store to be made with. */
export interface StoreOptions {
  /** For how long finished jobs are kept. */
  readonly retentionMs?: number;
  /** How many events are kept. A store that trims in larger steps may keep up to ten times as many. */
  readonly maxEvents?: number;
  /** How many links are kept. */
  readonly maxLinks?: number;
}

/** What the suite is run with. */
export interface StoreTestOptions {
  /** Groups tests: `describe` of vitest, of `node:test`, of whatever you use. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** Defines a test. */
  readonly it: (name: string, body: () => Promise<void>) => unknown;
  /** Makes an empty store that shares nothing with those made before. The suite closes it. */
  readonly createStore: (options: StoreOptions) => Store | Promise<Store>;
  /**
   * Lets time pass for the store; left out, the suite waits. With a clock that is moved by hand nothing waits, and the
   * rules that take minutes are run too.
   */
  readonly elapse?: (ms: number) => void | Promise<void>;
}

/** Defines one test for every promise that a store makes. Each is run on a store of its own. */
export function testStore(options: StoreTestOptions): void {
  for (const { name, rules } of areas) {
    options.describe(name, () => {
      for (const rule of rules) {
        if (rule.conditions.minutes && options.elapse === undefined) continue;
        options.it(rule.name, () => run(rule, options));
      }
    });
  }
}

async function run(rule: Rule, { createStore, elapse }: StoreTestOptions): Promise<void> {
  const store = await createStore(rule.conditions.store ?? {});
  const scenario = new Scenario(store, async (ms) => {
    await (elapse === undefined ? sleep(ms) : elapse(ms));
  });
  try {
    await rule.holds(scenario);
    await checkCounters(scenario);
  } finally {
    scenario.end();
    await store.close();
  }
}
