import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import type { BucketReading, BudgetReading, BudgetState } from '../budget.ts';
import type { FailedOutcome } from '../job.ts';
import type { Lease } from '../lease.ts';
import type { Scenario } from './scenario.ts';

/** The buckets that the rules draw from. */
export const scope: readonly string[] = ['imgur:client:1', 'imgur:post:1'];

/** The first of them. */
export const client: string = scope[0] ?? '';

/** The second. */
export const post: string = scope[1] ?? '';

/** The same reading for each of the buckets. */
export function reading(facts: Partial<BucketReading>, buckets: readonly string[] = scope): BudgetReading {
  return {
    scope: buckets,
    buckets: buckets.map((bucket) => ({ bucket, remaining: 0, resetInMs: 60_000, ...facts })),
  };
}

/** Tells how much remains in each of some buckets. */
export function observe(scenario: Scenario, remaining: Readonly<Record<string, number>>): Promise<void> {
  const buckets = Object.entries(remaining).map(([bucket, left]) => ({
    bucket,
    remaining: left,
    resetInMs: 60_000,
  }));
  return scenario.store.budget.observe({ scope, buckets });
}

/** What the scope allows is what a claim is given; there has to be more to claim than that. */
export async function allows(scenario: Scenario, count: number): Promise<void> {
  assert.equal((await draw(scenario, 20)).length, count);
}

/** Reading may be answered from a copy that is a second old, so what is read has to hold by then. */
export async function reads(scenario: Scenario, holds: (state: BudgetState) => void): Promise<void> {
  const deadline = performance.now() + 1_200;
  for (;;) {
    const state = await scenario.store.budget.read(scope);
    try {
      holds(state);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

/** What remains in each bucket and what is in flight of it. */
export function countsOf(buckets: BudgetState['buckets']): readonly (readonly number[])[] {
  return buckets.map(({ remaining, inFlight }) => [remaining, inFlight]);
}

/** Claims at most so many uploads within the budget. */
export function draw(scenario: Scenario, limit: number): Promise<readonly Lease[]> {
  return scenario.leases(limit, { budget: scope });
}

/** Ends an upload, having sent so many POSTs. */
export async function settleAfter(
  scenario: Scenario,
  lease: Lease,
  posts: number,
  observed: readonly BudgetReading[] = [],
): Promise<void> {
  await scenario.store.settle([{ lease, outcome: failed(), posts }], observed);
}

/** An outcome that says nothing of the host. */
export function failed(): FailedOutcome {
  return { status: 'failed', failure: { code: 'source_status', message: 'no image' } };
}
