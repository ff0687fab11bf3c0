import assert from 'node:assert/strict';

import { client, countsOf, draw, observe, post, reading, reads, scope, settleAfter } from './budget-steps.ts';
import { type Area, rule } from './rule.ts';

/** What the host still allows. */
export const budget: Area = {
  name: 'budget',
  rules: [
    rule('without a scope there is no limit', async (scenario) => {
      await scenario.create(40);
      await scenario.store.budget.observe(reading({ remaining: 0 }));
      assert.equal((await scenario.leases(40)).length, 40);
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
      await reads(scenario, ({ allowed }) => assert.equal(allowed, 3));
      assert.equal((await draw(scenario, 20)).length, 3);
    }),
    rule('what is in flight is not allowed again', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      await draw(scenario, 4);
      await reads(scenario, ({ allowed, buckets }) => {
        assert.equal(allowed, 6);
        assert.deepEqual(countsOf(buckets), [
          [10, 4],
          [10, 4],
        ]);
      });
      assert.equal((await draw(scenario, 20)).length, 6);
    }),
    rule('of two readings within a window the smaller holds', async (scenario) => {
      await observe(scenario, { [client]: 5, [post]: 5 });
      await observe(scenario, { [client]: 8, [post]: 3 });
      await reads(scenario, ({ buckets }) => {
        assert.deepEqual(countsOf(buckets), [
          [5, 0],
          [3, 0],
        ]);
      });
    }),
    rule('an empty bucket pauses claims, and says for how long and why', async (scenario) => {
      await scenario.create(5);
      await scenario.store.budget.observe(reading({ remaining: 0, resetInMs: 30_000, reason: 'blocked' }));
      await reads(scenario, ({ allowed, paused }) => {
        assert.deepEqual([allowed, paused?.reason], [0, 'blocked']);
        assert.ok(paused !== undefined && paused.forMs > 20_000 && paused.forMs <= 30_000);
      });
      const { leases, nextInMs = 0 } = await scenario.claim({ limit: 5, budget: scope });
      assert.deepEqual(leases, []);
      assert.ok(nextInMs > 20_000 && nextInMs <= 30_000, `${nextInMs} ms`);
    }),
    rule('a bucket that is empty from use alone is exhausted', async (scenario) => {
      await scenario.create();
      await observe(scenario, { [client]: 1, [post]: 9 });
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      await settleAfter(scenario, lease, 1);
      await reads(scenario, ({ paused }) => assert.equal(paused?.reason, 'exhausted'));
    }),
    rule('what is merely in flight pauses nobody who is', async (scenario) => {
      await scenario.create(5);
      await observe(scenario, { [client]: 2, [post]: 2 });
      await draw(scenario, 5);
      await reads(scenario, ({ allowed, paused }) => assert.deepEqual([allowed, paused], [0, undefined]));
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
      await reads(scenario, ({ paused }) => assert.equal(paused, undefined));
      assert.equal((await draw(scenario, 5)).length, 1);
    }),
    rule('scopes that share a bucket share what it allows', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 6, [post]: 90 });
      await scenario.store.budget.observe({ scope: [client, 'imgur:post:2'], buckets: [] });
      assert.equal((await draw(scenario, 4)).length, 4);
      assert.equal((await scenario.leases(20, { budget: [client, 'imgur:post:2'] })).length, 2);
    }),
    rule('every bucket that is known is listed, by name, with what is in flight of it', async (scenario) => {
      const { budget: known } = scenario.store;
      assert.deepEqual(await known.list(), []);
      await scenario.create(3);
      await known.observe(reading({ remaining: 0, reason: 'blocked' }, ['other:address']));
      await known.observe(reading({ remaining: 7, limit: 50 }, [post, client]));
      assert.equal((await draw(scenario, 2)).length, 2);
      const listed = await known.list();
      assert.deepEqual(
        listed.map(({ resetInMs: _, resetsAt: __, ...state }) => state),
        [
          { bucket: client, remaining: 7, limit: 50, inFlight: 2 },
          { bucket: post, remaining: 7, limit: 50, inFlight: 2 },
          { bucket: 'other:address', remaining: 0, inFlight: 0, reason: 'blocked' },
        ],
      );
      for (const { resetInMs } of listed) assert.ok(resetInMs > 0 && resetInMs <= 60_000);
      await scenario.elapse(20);
      const { at: before } = await scenario.store.stats();
      const again = await known.list();
      const { at: after } = await scenario.store.stats();
      for (const [place, { resetsAt, resetInMs }] of again.entries()) {
        assert.equal(resetsAt, listed[place]?.resetsAt);
        assert.ok(resetsAt - resetInMs >= before && resetsAt - resetInMs <= after);
      }
    }),
    rule('a bucket whose window has ended is not listed, nor one without a limit', async (scenario) => {
      const { budget: known } = scenario.store;
      await known.observe(reading({ remaining: 5, resetInMs: 30 }, ['brief:bucket']));
      await known.observe({ scope: ['free:bucket'], buckets: [] });
      await known.observe(reading({ remaining: 5 }, [client]));
      await scenario.elapse(30);
      assert.deepEqual(
        (await known.list()).map(({ bucket }) => bucket),
        [client],
      );
    }),
    rule('a budget that is used up holds up no other scope', async (scenario) => {
      await scenario.create(5);
      await scenario.store.budget.observe(reading({ remaining: 0 }));
      assert.equal((await scenario.leases(5, { budget: ['other:bucket'] })).length, 1);
    }),
  ],
};
