import assert from 'node:assert/strict';

import type { BucketReading } from '../budget.ts';
import type { CompleteOutcome } from '../job.ts';
import type { Lease } from '../lease.ts';
import type { Release } from '../queue.ts';
import type { SettleRequest } from '../store.ts';
import { reads, scope } from './budget-steps.ts';
import { type Area, rule } from './rule.ts';
import { linkOf, type Scenario } from './scenario.ts';

const wrongOutcomes: Readonly<Record<string, object>> = {
  'without a link': { link: undefined },
  'with a link that is no text': { link: 7 },
  'without a size': { bytes: undefined },
  'with a size that is no number': { bytes: Number.NaN },
  'with a width that is endless': { width: Number.POSITIVE_INFINITY },
  'with a type that is no text': { type: null },
  'with a deletehash that is no text': { deleteHash: 7 },
  'to be remembered by no text': { remember: { digest: 7, ttlMs: 60_000 } },
  'to be remembered for no time': { remember: { digest: 'digest', ttlMs: 0 } },
  'to be remembered for ever': { remember: { digest: 'digest', ttlMs: Number.POSITIVE_INFINITY } },
  'that failed for no reason': { status: 'failed' },
  'that failed without a message': { status: 'failed', failure: { code: 'source_status' } },
  'that is neither complete nor failed': { status: 'done' },
};
const wrongReadings: Readonly<Record<string, object>> = {
  'no number of uploads': { remaining: Number.NaN },
  'a time that never comes': { resetInMs: Number.POSITIVE_INFINITY },
  'no time': { resetInMs: undefined },
  'a limit that is none': { limit: Number.NaN },
};

/** What has a number or a text missing, because somebody's host or source does as it likes. */
export const recordable: Area = {
  name: 'what can not be recorded',
  rules: [
    ...Object.entries(wrongOutcomes).map(([how, facts]) =>
      rule(`an outcome ${how} is refused, and nothing that came with it is recorded`, async (scenario) => {
        const { jobId, leases } = await claimed(scenario);
        const [good, bad] = leases.map((lease) => completed(lease));
        assert.ok(good && bad);
        const wrong = { ...bad, outcome: { ...bad.outcome, ...facts } as CompleteOutcome };
        await assert.rejects(scenario.store.settle([good, wrong]));
        await isUntouched(scenario, jobId);
        assert.deepEqual(await scenario.store.settle([good, bad]), [
          { status: 'settled', jobFinished: false },
          { status: 'settled', jobFinished: true, job: await scenario.job(jobId) },
        ]);
      }),
    ),
    rule('an outcome after a count of POSTs that is no number is refused as a whole', async (scenario) => {
      const { jobId, leases } = await claimed(scenario);
      const requests = leases.map((lease, at) => ({ ...completed(lease), posts: at === 0 ? 1 : Number.NaN }));
      await assert.rejects(scenario.store.settle(requests));
      await isUntouched(scenario, jobId);
    }),
    ...Object.entries({
      'a delay that never ends': { delayMs: Number.POSITIVE_INFINITY },
      'a count of POSTs that is no number': { posts: Number.NaN },
      'a failure without a message': { failure: { code: 'source_status' } },
    }).map(([how, facts]) =>
      rule(`a release with ${how} is refused as a whole`, async (scenario) => {
        const { jobId, leases } = await claimed(scenario);
        const releases = leases.map((lease) => ({ lease, delayMs: 0, countAttempt: true, posts: 0 }));
        const wrong = releases.map((each, at) => (at === 1 ? ({ ...each, ...facts } as Release) : each));
        await assert.rejects(scenario.store.queue.release(wrong));
        await isUntouched(scenario, jobId);
        await scenario.store.queue.release(releases);
        assert.equal((await scenario.job(jobId)).waiting, 2);
      }),
    ),
    rule('leases are not held for a time that is no number', async (scenario) => {
      const { jobId, leases } = await claimed(scenario);
      await assert.rejects(scenario.store.queue.extend(leases, Number.NaN));
      await assert.rejects(scenario.claim({ leaseMs: Number.POSITIVE_INFINITY }));
      await assert.rejects(scenario.claim({ limit: Number.NaN }));
      await isUntouched(scenario, jobId);
    }),
    ...Object.entries(wrongReadings).map(([how, facts]) =>
      rule(`a reading with ${how} is dropped, and costs no outcome`, async (scenario) => {
        const { leases } = await claimed(scenario);
        const bucket = { bucket: scope[0], remaining: 5, resetInMs: 60_000, ...facts } as BucketReading;
        const wrong = { scope, buckets: [bucket] };
        const right = { scope, buckets: [{ bucket: scope[1] ?? '', remaining: 3, resetInMs: 60_000 }] };
        const [first, second] = leases;
        assert.ok(first && second);
        await scenario.store.settle([completed(first)], [wrong, right]);
        await scenario.store.queue.release(
          [{ lease: second, delayMs: 0, countAttempt: true, posts: 0 }],
          [wrong],
        );
        await scenario.store.budget.observe(wrong);
        await reads(scenario, ({ buckets }) =>
          assert.deepEqual(
            buckets.map((each) => [each.bucket, each.remaining]),
            [[scope[1], 3]],
          ),
        );
        assert.deepEqual((await scenario.store.links()).items, [linkOf(first)]);
      }),
    ),
  ],
};

async function claimed(scenario: Scenario): Promise<{ jobId: string; leases: readonly Lease[] }> {
  return { jobId: await scenario.create(2), leases: await scenario.leases(2) };
}

function completed(lease: Lease): SettleRequest {
  return {
    lease,
    outcome: { status: 'complete', link: linkOf(lease), bytes: 100, type: 'image/png' },
    posts: 1,
  };
}

async function isUntouched({ store }: Scenario, jobId: string): Promise<void> {
  const job = await store.get(jobId);
  assert.deepEqual([job?.claimed, job?.complete, job?.failed, job?.waiting], [2, 0, 0, 0]);
  assert.deepEqual((await store.links()).items, []);
}
