import assert from 'node:assert/strict';

import type { FailureCode } from '../failure.ts';
import { type Area, rule } from './rule.ts';
import { HOST, type Scenario } from './scenario.ts';

type Counted = readonly [
  host: string,
  outcome: 'complete' | 'failed',
  code: FailureCode | null,
  count: number,
];

async function outcomesOf({ store }: Scenario): Promise<readonly Counted[]> {
  const { outcomes } = await store.stats();
  return outcomes.map(({ host, outcome, code, count }) => [host, outcome, code, count]);
}

/** Counts of outcomes. */
export const outcomes: Area = {
  name: 'outcomes',
  rules: [
    rule('outcomes are counted one by one, by host and then by code', async (scenario) => {
      await scenario.create(5);
      await scenario.create(1, { host: 'other-host' });
      const [first, second, third, fourth, fifth] = await scenario.leases(5);
      assert.ok(first && second && third && fourth && fifth);
      await scenario.fail(first, 'too_large');
      await scenario.complete(second);
      await scenario.fail(third, 'source_status');
      await scenario.complete(fourth);
      await scenario.fail(fifth, 'too_large');
      await scenario.complete(await scenario.lease({ host: 'other-host' }));
      assert.deepEqual(await outcomesOf(scenario), [
        ['other-host', 'complete', null, 1],
        [HOST, 'complete', null, 2],
        [HOST, 'failed', 'source_status', 1],
        [HOST, 'failed', 'too_large', 2],
      ]);
    }),
    rule(
      'outcomes that are settled together are counted as those that are settled alone',
      async (scenario) => {
        await scenario.create(3);
        const failure = { code: 'too_large', message: 'too large' } as const;
        const leases = await scenario.leases(3);
        await scenario.store.settle(
          leases.map((lease) => ({ lease, outcome: { status: 'failed', failure }, posts: 0 })),
        );
        assert.deepEqual(await outcomesOf(scenario), [[HOST, 'failed', 'too_large', 3]]);
      },
    ),
    rule('what a cancel has ended is counted as cancelled, held or not', async (scenario) => {
      const jobId = await scenario.create(5);
      const [first] = await scenario.leases(2);
      assert.ok(first);
      await scenario.complete(first);
      await scenario.store.cancel(jobId);
      await scenario.store.cancel(jobId);
      assert.deepEqual(await outcomesOf(scenario), [
        [HOST, 'complete', null, 1],
        [HOST, 'failed', 'cancelled', 4],
      ]);
    }),
    rule('an upload that ends with its third lease is counted as poison', async (scenario) => {
      await scenario.create();
      for (let expiry = 0; expiry < 3; expiry += 1) await scenario.expiredLease();
      await scenario.claim();
      assert.deepEqual(await outcomesOf(scenario), [[HOST, 'failed', 'poison', 1]]);
    }),
    rule('an upload that a retry runs again is counted with each of its outcomes', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.fail(await scenario.lease());
      await scenario.store.retry(jobId);
      await scenario.complete(await scenario.lease());
      assert.deepEqual(await outcomesOf(scenario), [
        [HOST, 'complete', null, 1],
        [HOST, 'failed', 'source_status', 1],
      ]);
    }),
    rule(
      'an outcome that is sent again is counted once, and one that is lost not at all',
      async (scenario) => {
        const jobId = await scenario.create(2);
        const [first, second] = await scenario.leases(2);
        assert.ok(first && second);
        await scenario.complete(first);
        await scenario.complete(first);
        await scenario.store.cancel(jobId);
        await scenario.complete(second);
        assert.deepEqual(await outcomesOf(scenario), [
          [HOST, 'complete', null, 1],
          [HOST, 'failed', 'cancelled', 1],
        ]);
      },
    ),
    rule('hosts whose names look alike are counted apart', async (scenario) => {
      const hosts = ['a', 'a b', 'a:b', 'complete', 'complete a', 'too_large a', '{a}', 'ä'];
      for (const host of hosts) {
        await scenario.create(1, { host });
        await scenario.complete(await scenario.lease({ host }));
      }
      assert.deepEqual(
        await outcomesOf(scenario),
        hosts.toSorted().map((host) => [host, 'complete', null, 1]),
      );
    }),
  ],
};
