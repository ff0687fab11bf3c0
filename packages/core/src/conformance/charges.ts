import assert from 'node:assert/strict';

import {
  allows,
  client,
  countsOf,
  draw,
  failed,
  observe,
  post,
  reading,
  reads,
  scope,
  settleAfter,
} from './budget-steps.ts';
import { type Area, rule } from './rule.ts';

/** What is charged of the host's limits, beside what its replies tell. */
export const charges: Area = {
  name: 'charges',
  rules: [
    rule('an upload that never posted gives back what its claim took', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [first, second] = await draw(scenario, 2);
      assert.ok(first && second);
      await scenario.release(first, { posts: 0, delayMs: 60_000 });
      await settleAfter(scenario, second, 0);
      await allows(scenario, 10);
    }),
    rule('what was really sent is charged', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [first, second] = await draw(scenario, 2);
      assert.ok(first && second);
      await settleAfter(scenario, first, 1);
      await scenario.release(second, { posts: 2, delayMs: 60_000 });
      await allows(scenario, 7);
    }),
    rule('a settle sent twice is charged once', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      await settleAfter(scenario, lease, 1);
      await settleAfter(scenario, lease, 1);
      await allows(scenario, 9);
    }),
    rule('a reading of a settle has counted what was posted for it', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      await settleAfter(scenario, lease, 1, [reading({ remaining: 9 })]);
      await allows(scenario, 9);
    }),
    rule('of replies that overtook one another none is charged twice', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [first, second, third] = await draw(scenario, 3);
      assert.ok(first && second && third);
      await settleAfter(scenario, third, 1, [reading({ remaining: 7 })]);
      await settleAfter(scenario, first, 1, [reading({ remaining: 9 })]);
      const back = { lease: second, delayMs: 60_000, countAttempt: false, posts: 1 };
      await scenario.store.queue.release([back], [reading({ remaining: 8 })]);
      await allows(scenario, 7);
    }),
    rule('of replies that are told of together none is charged twice', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [first, second, third] = await draw(scenario, 3);
      assert.ok(first && second && third);
      await settleAfter(scenario, third, 1, [reading({ remaining: 7 })]);
      const requests = [first, second].map((lease) => ({ lease, outcome: failed(), posts: 1 }));
      await scenario.store.settle(requests, [reading({ remaining: 8 })]);
      await allows(scenario, 7);
    }),
    rule('a post that no reading tells of is charged beside those that one does', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [first, second] = await draw(scenario, 2);
      assert.ok(first && second);
      const requests = [
        { lease: first, outcome: failed(), posts: 2 },
        { lease: second, outcome: failed(), posts: 1 },
      ];
      await scenario.store.settle(requests, [reading({ remaining: 9 })]);
      await allows(scenario, 7);
    }),
    rule('a bucket that a reading does not tell of is charged what was posted', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      const told = [{ bucket: client, remaining: 9, resetInMs: 60_000 }];
      await settleAfter(scenario, lease, 1, [{ scope, buckets: told }]);
      await reads(scenario, ({ buckets }) => {
        assert.deepEqual(countsOf(buckets), [
          [9, 0],
          [9, 0],
        ]);
      });
    }),
    rule(
      'a POST whose reply was lost stays charged, whatever replies to older ones tell',
      async (scenario) => {
        await scenario.create(20);
        await observe(scenario, { [client]: 10, [post]: 10 });
        const leases = await draw(scenario, 10);
        for (const lease of leases.slice(5)) await scenario.release(lease, { posts: 1, delayMs: 60_000 });
        for (const [at, lease] of leases.slice(0, 5).entries())
          await settleAfter(scenario, lease, 1, [reading({ remaining: 9 - at })]);
        await allows(scenario, 0);
      },
    ),
    rule('what is sent is counted although every reply tells the same', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 3, [post]: 3 });
      for (let count = 0; count < 3; count += 1) {
        const [lease] = await draw(scenario, 1);
        assert.ok(lease);
        await settleAfter(scenario, lease, 1, [reading({ remaining: 3 })]);
      }
      await allows(scenario, 0);
    }),
    rule('what somebody else has taken is not counted on', async (scenario) => {
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      await settleAfter(scenario, lease, 1, [reading({ remaining: 4 })]);
      const lost = await draw(scenario, 3);
      for (const each of lost) await settleAfter(scenario, each, 1);
      await allows(scenario, 1);
    }),
    rule('what a release observed is taken over', async (scenario) => {
      await scenario.create(20);
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      const back = { lease, delayMs: 0, countAttempt: false, posts: 1 };
      await scenario.store.queue.release([back], [reading({ remaining: 4 })]);
      assert.equal((await draw(scenario, 20)).length, 4);
    }),
    rule('one more POST can be taken for a lease while something is left', async (scenario) => {
      await scenario.create(5);
      await observe(scenario, { [client]: 2, [post]: 9 });
      const [lease] = await draw(scenario, 1);
      assert.ok(lease);
      assert.equal(await scenario.store.budget.charge(lease), true);
      await reads(scenario, ({ allowed }) => assert.equal(allowed, 0));
      assert.equal(await scenario.store.budget.charge(lease), false);
      await settleAfter(scenario, lease, 2);
      await reads(scenario, ({ buckets }) => {
        assert.deepEqual(countsOf(buckets), [
          [0, 0],
          [7, 0],
        ]);
      });
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
      await scenario.create(20);
      await observe(scenario, { [client]: 10, [post]: 10 });
      await scenario.lease({ budget: scope, leaseMs: 30 });
      await scenario.elapse(30);
      const taken = await scenario.lease({ budget: scope });
      await scenario.release(taken, { posts: 0, delayMs: 60_000 });
      await allows(scenario, 9);
    }),
    rule('what a cancelled lease sent is charged when its holder tells', async (scenario) => {
      const jobId = await scenario.create(3);
      await observe(scenario, { [client]: 10, [post]: 10 });
      const [first, second, third] = await draw(scenario, 3);
      assert.ok(first && second && third);
      await scenario.store.cancel(jobId);
      await settleAfter(scenario, first, 1);
      await scenario.release(second, { posts: 0 });
      await scenario.create(20);
      await allows(scenario, 8);
    }),
  ],
};
