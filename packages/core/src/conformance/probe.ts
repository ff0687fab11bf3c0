import assert from 'node:assert/strict';

import { allows, client, draw, reading, reads, scope, settleAfter } from './budget-steps.ts';
import { type Area, rule } from './rule.ts';

/** What the host allows while nobody knows it. */
export const probe: Area = {
  name: 'probe',
  rules: [
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
      await settleAfter(scenario, probe, 0);
      assert.equal((await draw(scenario, 5)).length, 1);
    }),
    rule('what the probe learns lets the others go', async (scenario) => {
      await scenario.create(20);
      const [probe] = await draw(scenario, 20);
      assert.ok(probe);
      await settleAfter(scenario, probe, 1, [reading({ remaining: 7 })]);
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
      await reads(scenario, ({ allowed }) => assert.equal(allowed, undefined));
    }),
    rule('a bucket whose window has ended is unknown, and is probed again', async (scenario) => {
      await scenario.create(20);
      await scenario.store.budget.observe(reading({ remaining: 10, resetInMs: 40 }));
      await scenario.elapse(40);
      await reads(scenario, ({ allowed, buckets }) => assert.deepEqual([allowed, buckets], [undefined, []]));
      assert.equal((await draw(scenario, 20)).length, 1);
    }),
    rule('a new window may allow more than the last', async (scenario) => {
      await scenario.create(20);
      await scenario.store.budget.observe(reading({ remaining: 2, resetInMs: 40 }));
      await scenario.elapse(40);
      await scenario.store.budget.observe(reading({ remaining: 9 }));
      await allows(scenario, 9);
    }),
  ],
};
