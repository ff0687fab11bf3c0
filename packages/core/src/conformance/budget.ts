import assert from 'node:assert/strict';

import type { BucketReading, BudgetReading } from '../budget.ts';
import type { Lease } from '../lease.ts';
import type { Area } from './rule.ts';
import { rule } from './rule.ts';
import type { Scenario } from './scenario.ts';

const scope = ['imgur:client:1', 'imgur:post:1'];
const [client = '', post = ''] = scope;

/** What the host still allows. */
export const budget: Area = {
  name: 'budget',
  rules: [
    rule('without a scope there is no limit', async (scenario) => {
      await scenario.create(40);
      await scenario.store.budget.observe(reading({ remaining: 0 }));
      assert.equal((await scenario.leases(40)).length, 40);
    }),
    rule('while a bucket is unknown one upload goes first as a probe', async (scenario) => {
      await scenario.create(5);
      assert.equal((await draw(scenario, 5)).length, 1);
      const { leases, nextInMs = 0 } = await scenario.claim({ limit: 5, budget: scope });
      assert.deepEqual(leases, []);
      assert.ok(nextInMs > 1_000 && nextInMs <= 2_000, `${nextInMs} ms`);
    }),
    rule('when the probe has told nothing for two seconds another one goes', async (scenario) => {
      await scenario.create(5);
      await draw(scenario, 5);
      await scenario.elapse(2_000);
      assert.equal((await draw(scenario, 5)).length, 1);
      assert.equal((await draw(scenario, 5)).length, 0);
    }),
    rule('a probe that came back without an answer makes way for the next', async (scenario) => {
      await scenario.create(5);
      const [probe] = await draw(scenario, 5);
      assert.ok(probe);
      await settle(scenario, probe, 0);
      assert.equal((await draw(scenario, 5)).length, 1);
    }),
    rule('what the probe learns lets the others go', async (scenario) => {
      await scenario.create(20);
      const [probe] = await draw(scenario, 20);
      assert.ok(probe);
      await settle(scenario, probe, 1, [reading({ remaining: 7 })]);
      assert.equal((await draw(scenario, 20)).length, 7);
    }),
    rule('a scope with one unknown bucket is probed, though the others are known', async (scenario) => {
      await scenario.create(9);
      await scenario.store.budget.observe(reading({ remaining: 5 }, [client]));
      assert.equal((await draw(scenario, 9)).length, 1);
    }),
    rule(
      'a bucket of the scope that was unknown and is not mentioned counts as without a limit',
      async (scenario) => {
        await scenario.create(40);
        const mentioned = { bucket: client, remaining: 30, resetInMs: 60_000 };
        await scenario.store.budget.observe({ scope, buckets: [mentioned] });
        assert.equal((await draw(scenario, 40)).length, 30);
      },
    ),
    rule('a reading that mentions no bucket leaves the scope without limits', async (scenario) => {
      await scenario.create(40);
      await scenario.store.budget.observe({ scope, buckets: [] });
      assert.equal((await draw(scenario, 40)).length, 40);
      assert.equal((await scenario.store.budget.read(scope)).allowed, undefined);
    }),
    rule('a bucket that is not mentioned stays as it was', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 5, [post]: 9 });
      await scenario.store.budget.observe({ scope, buckets: [] });
      assert.equal((await draw(scenario, 20)).length, 5);
    }),
    rule('the tightest bucket binds', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 12, [post]: 3 });
      assert.equal((await scenario.store.budget.read(scope)).allowed, 3);
      assert.equal((await draw(scenario, 20)).length, 3);
    }),
    rule('what is in flight is not allowed again', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      await draw(scenario, 4);
      const state = await scenario.store.budget.read(scope);
      assert.equal(state.allowed, 6);
      assert.deepEqual(
        state.buckets.map(({ remaining, inFlight }) => [remaining, inFlight]),
        [
          [10, 4],
          [10, 4],
        ],
      );
      assert.equal((await draw(scenario, 20)).length, 6);
    }),
    rule('an upload that never posted gives back what its claim took', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [first, second] = await draw(scenario, 2);
      assert.ok(first && second);
      await scenario.release(first, { posts: 0, delayMs: 60_000 });
      await settle(scenario, second, 0);
      assert.equal((await scenario.store.budget.read(scope)).allowed, 10);
    }),
    rule('what was really sent is charged', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [first, second] = await draw(scenario, 2);
      assert.ok(first && second);
      await settle(scenario, first, 1);
      await scenario.release(second, { posts: 2, delayMs: 60_000 });
      assert.equal((await scenario.store.budget.read(scope)).allowed, 7);
    }),
    rule('a settle sent twice is charged once', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      await settle(scenario, lease, 1);
      await settle(scenario, lease, 1);
      assert.equal((await scenario.store.budget.read(scope)).allowed, 9);
    }),
    rule('a reading of a settle has counted what was posted for it', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      await settle(scenario, lease, 1, [reading({ remaining: 9 })]);
      assert.equal((await scenario.store.budget.read(scope)).allowed, 9);
    }),
    rule('what a release observed is taken over', async (scenario) => {
      await scenario.create(20);
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      const back = { lease, delayMs: 0, countAttempt: false, posts: 1 };
      await scenario.store.queue.release([back], [reading({ remaining: 4 })]);
      assert.equal((await draw(scenario, 20)).length, 4);
    }),
    rule('of two readings within a window the smaller holds', async (scenario) => {
      await observe(scenario, { [client]: 5, [post]: 5 });
      await observe(scenario, { [client]: 8, [post]: 3 });
      const { buckets } = await scenario.store.budget.read(scope);
      assert.deepEqual(
        buckets.map(({ remaining }) => remaining),
        [5, 3],
      );
    }),
    rule('a bucket whose window has ended is unknown, and is probed again', async (scenario) => {
      await scenario.create(20);
      await scenario.store.budget.observe(reading({ remaining: 10, resetInMs: 40 }));
      await scenario.elapse(40);
      const state = await scenario.store.budget.read(scope);
      assert.deepEqual([state.allowed, state.buckets], [undefined, []]);
      assert.equal((await draw(scenario, 20)).length, 1);
    }),
    rule('a new window may allow more than the last', async (scenario) => {
      await scenario.store.budget.observe(reading({ remaining: 2, resetInMs: 40 }));
      await scenario.elapse(40);
      await scenario.store.budget.observe(reading({ remaining: 90 }));
      assert.equal((await scenario.store.budget.read(scope)).allowed, 90);
    }),
    rule('an empty bucket pauses claims, and says for how long and why', async (scenario) => {
      await scenario.create(5);
      await scenario.store.budget.observe(reading({ remaining: 0, resetInMs: 30_000, reason: 'blocked' }));
      const { allowed, paused } = await scenario.store.budget.read(scope);
      assert.equal(allowed, 0);
      assert.equal(paused?.reason, 'blocked');
      assert.ok(paused.forMs > 20_000 && paused.forMs <= 30_000, `${paused.forMs} ms`);
      const { leases, nextInMs = 0 } = await scenario.claim({ limit: 5, budget: scope });
      assert.deepEqual(leases, []);
      assert.ok(nextInMs > 20_000 && nextInMs <= 30_000, `${nextInMs} ms`);
    }),
    rule('a bucket that is empty from use alone is exhausted', async (scenario) => {
      await scenario.create();
      await observe(scenario, { [client]: 1, [post]: 9 });
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      await settle(scenario, lease, 1);
      assert.equal((await scenario.store.budget.read(scope)).paused?.reason, 'exhausted');
    }),
    rule('what is merely in flight pauses nobody who is', async (scenario) => {
      await scenario.create(5);
      await observe(scenario, { [client]: 2, [post]: 2 });
      await draw(scenario, 5);
      const { allowed, paused } = await scenario.store.budget.read(scope);
      assert.deepEqual([allowed, paused], [0, undefined]);
    }),
    rule('a block holds although an older reply still tells of plenty', async (scenario) => {
      await scenario.create(5);
      const block = { remaining: 0, resetInMs: 60_000, reason: 'rate-limited' } as const;
      await scenario.store.budget.observe(reading(block));
      await scenario.store.budget.observe(reading({ remaining: 400, resetInMs: 50 }));
      await scenario.elapse(50);
      assert.deepEqual(await draw(scenario, 5), []);
    }),
    rule('a pause ends by itself', async (scenario) => {
      await scenario.create(5);
      await scenario.store.budget.observe(reading({ remaining: 0, resetInMs: 40 }));
      await scenario.elapse(40);
      assert.equal((await scenario.store.budget.read(scope)).paused, undefined);
      assert.equal((await draw(scenario, 5)).length, 1);
    }),
    rule('one more POST can be taken for a lease while something is left', async (scenario) => {
      await scenario.create(5);
      await observe(scenario, { [client]: 2, [post]: 9 });
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      assert.equal(await scenario.store.budget.charge(lease), true);
      assert.equal((await scenario.store.budget.read(scope)).allowed, 0);
      assert.equal(await scenario.store.budget.charge(lease), false);
      await settle(scenario, lease, 2);
      assert.deepEqual(
        (await scenario.store.budget.read(scope)).buckets.map(({ remaining, inFlight }) => [
          remaining,
          inFlight,
        ]),
        [
          [0, 0],
          [7, 0],
        ],
      );
    }),
    rule('a lease without a scope may always send one more POST', async (scenario) => {
      await scenario.create();
      assert.equal(await scenario.store.budget.charge(await scenario.lease()), true);
    }),
    rule('a lease that was lost may send no more', async (scenario) => {
      const jobId = await scenario.create();
      const lease = await scenario.lease();
      await scenario.store.cancel(jobId);
      assert.equal(await scenario.store.budget.charge(lease), false);
    }),
    rule('a lease that expired is charged one', async (scenario) => {
      await scenario.create();
      await observe(scenario, { [client]: 10, [post]: 10 });
      await scenario.lease({ budget: scope, leaseMs: 30 });
      await scenario.elapse(30);
      const taken = await scenario.lease({ budget: scope });
      await scenario.release(taken, { posts: 0, delayMs: 60_000 });
      assert.equal((await scenario.store.budget.read(scope)).allowed, 9);
    }),
    rule('what a cancelled lease sent is charged when its holder tells', async (scenario) => {
      const jobId = await scenario.create(3);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [first, second, third] = await draw(scenario, 3);
      assert.ok(first && second && third);
      await scenario.store.cancel(jobId);
      await settle(scenario, first, 1);
      await scenario.release(second, { posts: 0 });
      assert.equal((await scenario.store.budget.read(scope)).allowed, 8);
    }),
    rule('scopes that share a bucket share what it allows', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 6, [post]: 90 });
      await scenario.store.budget.observe({ scope: [client, 'imgur:post:2'], buckets: [] });
      assert.equal((await draw(scenario, 4)).length, 4);
      assert.equal((await scenario.leases(20, { budget: [client, 'imgur:post:2'] })).length, 2);
    }),
    rule('a budget that is used up holds up no other scope', async (scenario) => {
      await scenario.create(5);
      await scenario.store.budget.observe(reading({ remaining: 0 }));
      assert.equal((await scenario.leases(5, { budget: ['other:bucket'] })).length, 1);
    }),
  ],
};

/** The same reading for each of the buckets. */
function reading(facts: Partial<BucketReading>, buckets: readonly string[] = scope): BudgetReading {
  return {
    scope: buckets,
    buckets: buckets.map((bucket) => ({ bucket, remaining: 0, resetInMs: 60_000, ...facts })),
  };
}

function observe(scenario: Scenario, remaining: Readonly<Record<string, number>>): Promise<void> {
  const buckets = Object.entries(remaining).map(([bucket, left]) => ({
    bucket,
    remaining: left,
    resetInMs: 60_000,
  }));
  return scenario.store.budget.observe({ scope, buckets });
}

function draw(scenario: Scenario, limit: number): Promise<readonly Lease[]> {
  return scenario.leases(limit, { budget: scope });
}

async function settle(
  scenario: Scenario,
  lease: Lease,
  posts: number,
  observed: readonly BudgetReading[] = [],
): Promise<void> {
  const failure = { code: 'source_status', message: 'no image' } as const;
  await scenario.store.settle([{ lease, outcome: { status: 'failed', failure }, posts }], observed);
}
