import type { Scenario } from './scenario.ts';
import type { StoreOptions } from './test-store.ts';

/** One promise of the interfaces, and how to see that a store keeps it. */
export interface Rule {
  readonly name: string;
  readonly holds: (scenario: Scenario) => Promise<void>;
  readonly conditions: Conditions;
}

/** What a rule needs beyond a store as it comes. */
export interface Conditions {
  readonly store?: StoreOptions;
  /** It takes minutes of the store's time, so it runs only where a test moves the clock by hand. */
  readonly minutes?: boolean;
}

/** Rules of one part of the interfaces. */
export interface Area {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** Writes down a rule. */
export function rule(name: string, holds: Rule['holds'], conditions: Conditions = {}): Rule {
  return { name, holds, conditions };
}
