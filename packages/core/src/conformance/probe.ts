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
    rule('when the probe has told nothing for two seconds two more go', async (scenario) => {
      await scenario.create(5);
      await draw(scenario, 5);
      await scenario.elapse(2_000);
      assert.equal((await draw(scenario, 5)).length, 2);
      assert.equal((await draw(scenario, 5)).length, 0);
    }),
    rule(
      'with every two seconds in which nobody told anything twice as many more go, 16 at a time at most',
      async (scenario) => {
        await scenario.create(100);
        for (const more of [1, 2, 4, 8, 16, 16]) {
          assert.equal((await draw(scenario, 20)).length, more);
          const { leases, nextInMs = 0 } = await scenario.claim({ limit: 20, budget: scope });
          assert.deepEqual(leases, []);
          assert.ok(nextInMs > 1_000 && nextInMs <= 2_000, `${nextInMs} ms`);
          await scenario.elapse(2_000);
        }
      },
      { minutes: true },
    ),
    rule('probes that are not all drawn at once may be drawn one by one', async (scenario) => {
      await scenario.create(5);
      await draw(scenario, 5);
      await scenario.elapse(2_000);
      for (const more of [1, 1, 0]) assert.equal((await draw(scenario, 1)).length, more);
    }),
    rule('a probe that came back without an answer makes way for the next', async (scenario) => {
      await scenario.create(5);
      const [probe] = await draw(scenario, 5);
      assert.ok(probe);
      await settleAfter(scenario, probe, 0);
      assert.equal((await draw(scenario, 5)).length, 1);
      assert.equal((await draw(scenario, 5)).length, 0);
    }),
    rule(
      'one of several probes that came back without an answer makes way for one',
      async (scenario) => {
        await scenario.create(20);
        await draw(scenario, 20);
        await scenario.elapse(2_000);
        const probes = await draw(scenario, 20);
        for (const probe of probes) {
          await scenario.release(probe, { posts: 0, delayMs: 60_000 });
          assert.equal((await draw(scenario, 20)).length, 1);
        }
      },
      { minutes: true },
    ),
    rule(
      'probes that come back without an answer keep no more from going after two seconds',
      async (scenario) => {
        await scenario.create(20);
        for (const more of [1, 2, 4]) {
          const probes = await draw(scenario, 20);
          assert.equal(probes.length, more);
          for (const probe of probes) await settleAfter(scenario, probe, 0);
          await scenario.elapse(2_000);
        }
      },
      { minutes: true },
    ),
    rule(
      'once nothing is in flight and two seconds more have passed one probe goes first again',
      async (scenario) => {
        await scenario.create(20);
        const probes = [...(await draw(scenario, 20))];
        await scenario.elapse(2_000);
        probes.push(...(await draw(scenario, 20)));
        await scenario.elapse(10_000);
        const late = await draw(scenario, 20);
        assert.equal(late.length, 4);
        for (const probe of [...probes, ...late]) await settleAfter(scenario, probe, 0);
        await scenario.elapse(4_000);
        assert.equal((await draw(scenario, 20)).length, 1);
      },
      { minutes: true },
    ),
    rule(
      'a reading ends the probes, and after it one goes first again',
      async (scenario) => {
        await scenario.create(20);
        for (const more of [1, 2, 4]) {
          assert.equal((await draw(scenario, 20)).length, more);
          await scenario.elapse(2_000);
        }
        await scenario.store.budget.observe(reading({ remaining: 7, resetInMs: 40 }));
        assert.equal((await draw(scenario, 20)).length, 0);
        await scenario.elapse(40);
        for (const more of [1, 0]) assert.equal((await draw(scenario, 20)).length, more);
      },
      { minutes: true },
    ),
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
