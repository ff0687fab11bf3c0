import assert from 'node:assert/strict';

import type { CompleteOutcome } from '../job.ts';
import type { Lease } from '../lease.ts';
import { type Area, rule } from './rule.ts';
import { linkOf, type Scenario } from './scenario.ts';

const digest = 'the digest of an image';
const remember = { digest, ttlMs: 60_000 };
const briefly = { digest, ttlMs: 50 };

/** Links that are found again by what their images are. */
export const recall: Area = {
  name: 'recall',
  rules: [
    rule('an image is known once an outcome has had it remembered, and no other is', async (scenario) => {
      const { store } = scenario;
      await scenario.create(2);
      await scenario.complete(await scenario.lease());
      assert.equal(await store.recall(digest), undefined);
      const lease = await scenario.lease();
      await scenario.complete(lease, { remember });
      assert.equal(await store.recall(digest), linkOf(lease));
      assert.equal(await store.recall('the digest of another image'), undefined);
      assert.equal(await store.recall('__proto__'), undefined);
    }),
    rule('it is known for as long as was asked', async (scenario) => {
      await scenario.create();
      await scenario.complete(await scenario.lease(), { remember: briefly });
      await scenario.elapse(50);
      assert.equal(await scenario.store.recall(digest), undefined);
    }),
    rule(
      'and until then',
      async (scenario) => {
        await scenario.create();
        const lease = await scenario.lease();
        await scenario.complete(lease, { remember });
        await scenario.elapse(59_000);
        assert.equal(await scenario.store.recall(digest), linkOf(lease));
        await scenario.elapse(1_000);
        assert.equal(await scenario.store.recall(digest), undefined);
      },
      { minutes: true },
    ),
    rule('the newest link is the one that is known, and its time the one that counts', async (scenario) => {
      const { store } = scenario;
      const [first, second, third] = await leases(scenario);
      await store.settle(
        [first, second].map((lease) => ({ lease, outcome: { ...completed(lease), remember }, posts: 1 })),
      );
      assert.equal(await store.recall(digest), linkOf(second));
      await scenario.complete(third, { remember: briefly });
      await scenario.elapse(50);
      assert.equal(await store.recall(digest), undefined);
    }),
    rule('settling twice changes nothing of it', async (scenario) => {
      const { store } = scenario;
      const [first, second, third] = await leases(scenario);
      await scenario.complete(first, { remember });
      await scenario.complete(second, { remember });
      await scenario.complete(first, { remember });
      assert.equal(await store.recall(digest), linkOf(second));
      await scenario.complete(third, { remember: briefly });
      await scenario.elapse(50);
      await scenario.complete(third, { remember: briefly });
      assert.equal(await store.recall(digest), undefined);
    }),
    ...Object.entries({
      replaced: async (scenario: Scenario) => {
        const lost = await scenario.expiredLease();
        await scenario.lease();
        return lost;
      },
      cancelled: async (scenario: Scenario) => {
        const lost = await scenario.lease();
        await scenario.store.cancel(lost.jobId);
        return lost;
      },
      unknown: async (scenario: Scenario) => {
        const lost = await scenario.lease();
        await scenario.release(lost);
        return lost;
      },
    }).map(([reason, lose]) =>
      rule(
        `an outcome that is lost because its lease is ${reason} leaves nothing behind`,
        async (scenario) => {
          await scenario.create();
          const lost = await lose(scenario);
          assert.deepEqual(await scenario.complete(lost, { remember }), { status: 'lost', reason });
          assert.equal(await scenario.store.recall(digest), undefined);
        },
      ),
    ),
    rule('an image that may be there twice is known like any other', async (scenario) => {
      await scenario.create();
      const lease = await scenario.lease();
      await scenario.complete(lease, { remember, possiblyDuplicated: true });
      assert.equal(await scenario.store.recall(digest), linkOf(lease));
    }),
    rule(
      'it is known although its job is not any more',
      async (scenario) => {
        const jobId = await scenario.create();
        const lease = await scenario.lease();
        await scenario.complete(lease, { remember });
        await scenario.elapse(50);
        assert.equal(await scenario.store.get(jobId), undefined);
        assert.equal(await scenario.store.recall(digest), linkOf(lease));
      },
      { store: { retentionMs: 50 } },
    ),
    rule('an upload that took a link is marked and counted, and lists it once more', async (scenario) => {
      const { store } = scenario;
      const [first, second, third] = await leases(scenario);
      const link = linkOf(first);
      await scenario.complete(first, { remember, deleteHash: 'secret' });
      const outcome: CompleteOutcome = { ...completed(second), link, reused: true };
      await store.settle([{ lease: second, outcome, posts: 0 }]);
      await scenario.fail(third);
      const uploads = await scenario.uploads(first.jobId);
      assert.deepEqual(
        uploads.map((upload) => [upload.link, upload.reused]),
        [
          [link, false],
          [link, true],
          [null, false],
        ],
      );
      const { uploadsReused, uploadsComplete } = (await store.stats()).totals;
      assert.deepEqual([uploadsReused, uploadsComplete], [1, 2]);
      assert.deepEqual((await store.links()).items, [link, link]);
      assert.deepEqual(
        (await store.deleteHashes(first.jobId)).map(({ index }) => index),
        [first.index],
      );
    }),
  ],
};

async function leases(scenario: Scenario): Promise<readonly [Lease, Lease, Lease]> {
  await scenario.create(3);
  const [first, second, third] = await scenario.leases(3);
  assert.ok(first && second && third);
  return [first, second, third];
}

function completed(lease: Lease): CompleteOutcome {
  return { status: 'complete', link: linkOf(lease), bytes: 100, type: 'image/png' };
}
