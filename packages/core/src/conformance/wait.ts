import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';
import { HOST, type Scenario } from './scenario.ts';
import { endsWithin } from './within.ts';

const scope = ['wait:bucket'];

/** Waiting for something to claim. */
export const wait: Area = {
  name: 'wait',
  rules: [
    rule('ends at once when something is claimable now', async (scenario) => {
      await scenario.create();
      assert.ok(await endsWithin(waiting(scenario)));
    }),
    rule('waits while nothing is claimable', async (scenario) => {
      await scenario.create();
      await scenario.lease();
      assert.equal(await endsWithin(waiting(scenario), 50), false);
    }),
    rule('ends when a job is created', (scenario) => wakes(scenario, () => scenario.create())),
    rule('ends for everyone who waits', async (scenario) => {
      const waits = [waiting(scenario), waiting(scenario)];
      await scenario.create();
      assert.ok(await endsWithin(Promise.all(waits)));
    }),
    rule('ends when an upload is released', async (scenario) => {
      await scenario.create();
      const lease = await scenario.lease();
      await wakes(scenario, () => scenario.release(lease));
    }),
    rule('ends when the delay of an upload is over', async (scenario) => {
      await scenario.create();
      await scenario.release(await scenario.lease(), { delayMs: 50 });
      await wakes(scenario, () => scenario.elapse(50));
    }),
    rule('ends when the delay of an upload that was released meanwhile is over', async (scenario) => {
      await scenario.create();
      const lease = await scenario.lease();
      await wakes(scenario, async () => {
        await scenario.release(lease, { delayMs: 50 });
        await scenario.elapse(50);
      });
    }),
    rule('ends when a lease runs out', async (scenario) => {
      await scenario.create();
      await scenario.lease({ leaseMs: 50 });
      await wakes(scenario, () => scenario.elapse(50));
      await scenario.lease();
    }),
    rule('ends when failed uploads are retried', async (scenario) => {
      const jobId = await scenario.create();
      await scenario.fail(await scenario.lease());
      await wakes(scenario, () => scenario.store.retry(jobId));
    }),
    rule('waits while a job is paused, and ends with the pause', async (scenario) => {
      const jobId = await scenario.create();
      await wakesFromPause(scenario, { jobId });
    }),
    rule('waits while its host is paused, and ends with the pause', async (scenario) => {
      await scenario.create();
      await wakesFromPause(scenario, { host: HOST });
    }),
    rule('waits while the queue is paused, and ends with the pause', async (scenario) => {
      await scenario.create();
      await wakesFromPause(scenario, 'queue');
    }),
    rule('goes on while the host tells of limits that keep nobody waiting', async (scenario) => {
      await scenario.create();
      const lease = await scenario.lease({ budget: scope });
      const read = (remaining: number) => ({
        scope,
        buckets: [{ bucket: 'wait:bucket', remaining, resetInMs: 60_000 }],
      });
      await scenario.store.budget.observe(read(100));
      const waits = waiting(scenario, { budget: scope });
      assert.equal(await endsWithin(waits, 50), false);
      await scenario.store.budget.observe(read(99));
      await scenario.store.settle(
        [{ lease, outcome: { status: 'failed', failure: { code: 'too_large', message: '' } }, posts: 1 }],
        [read(98)],
      );
      assert.equal(await endsWithin(waits, 50), false);
    }),
    rule(
      'ends with the answer to a probe, also when that was drawn from other buckets besides',
      async (scenario) => {
        await scenario.create(9);
        const other = ['wait:bucket', 'wait:other'];
        const buckets = [{ bucket: 'wait:other', remaining: 1, resetInMs: 60_000 }];
        await scenario.store.budget.observe({ scope: ['wait:other'], buckets });
        const probe = await scenario.lease({ budget: other });
        const waits = waiting(scenario, { budget: scope });
        assert.equal(await endsWithin(waits, 50), false);
        const read = { bucket: 'wait:bucket', remaining: 5, resetInMs: 60_000 };
        const outcome = { status: 'failed', failure: { code: 'too_large', message: '' } } as const;
        await scenario.store.settle(
          [{ lease: probe, outcome, posts: 1 }],
          [{ scope: other, buckets: [read] }],
        );
        // By themselves they would look when the probe has taken two seconds.
        assert.ok(await endsWithin(waits, 1_000));
      },
    ),
    rule('ends each time that the host begins to allow nothing', async (scenario) => {
      await scenario.create();
      await scenario.lease();
      const read = (remaining: number, resetInMs: number) => ({
        scope,
        buckets: [{ bucket: 'wait:bucket', remaining, resetInMs }],
      });
      await scenario.store.budget.observe(read(100, 60_000));
      for (const _ of ['at first', 'and when its time was over']) {
        const waits = waiting(scenario);
        assert.equal(await endsWithin(waits, 50), false);
        await scenario.store.budget.observe(read(0, 60));
        assert.ok(await endsWithin(waits));
        await scenario.elapse(60);
      }
    }),
    rule('waits while the budget allows nothing, and ends when it changes', async (scenario) => {
      await scenario.create(2);
      const read = (remaining: number) => ({
        scope,
        buckets: [{ bucket: 'wait:bucket', remaining, resetInMs: 60_000 }],
      });
      await scenario.store.budget.observe(read(1));
      const lease = await scenario.lease({ budget: scope });
      const blocked = waiting(scenario, { budget: scope });
      assert.equal(await endsWithin(blocked, 50), false);
      await scenario.store.queue.release([{ lease, delayMs: 60_000, countAttempt: false, posts: 0 }]);
      assert.ok(await endsWithin(blocked));
    }),
    rule('ends when the host allows uploads again', async (scenario) => {
      await scenario.create();
      const buckets = [{ bucket: 'wait:bucket', remaining: 0, resetInMs: 60 }];
      await scenario.store.budget.observe({ scope, buckets });
      const blocked = waiting(scenario, { budget: scope });
      await scenario.elapse(60);
      assert.ok(await endsWithin(blocked));
      await scenario.lease({ budget: scope });
    }),
    rule('ends when a block is observed', (scenario) =>
      wakes(scenario, () =>
        scenario.store.budget.observe({
          scope,
          buckets: [{ bucket: 'wait:bucket', remaining: 0, resetInMs: 60_000, reason: 'blocked' }],
        }),
      ),
    ),
    rule('ends after its timeout', async (scenario) => {
      assert.ok(await endsWithin(waiting(scenario, { timeoutMs: 30 })));
    }),
    rule('ends when its signal aborts, without rejecting', async (scenario) => {
      const controller = new AbortController();
      const aborted = waiting(scenario, { signal: controller.signal });
      controller.abort(new Error('enough'));
      assert.ok(await endsWithin(aborted));
    }),
    rule('ends at once when its signal has aborted before', async (scenario) => {
      assert.ok(await endsWithin(waiting(scenario, { signal: AbortSignal.abort() })));
    }),
  ],
};

function waiting(
  scenario: Scenario,
  options: Partial<Parameters<Scenario['store']['queue']['wait']>[0]> = {},
): Promise<void> {
  return scenario.store.queue.wait({ host: HOST, timeoutMs: 60_000, signal: scenario.signal, ...options });
}

/** A wait that has begun ends because of what happens then, and not because the rule takes too long. */
async function wakes(scenario: Scenario, happens: () => Promise<unknown>): Promise<void> {
  const woken = waiting(scenario);
  await happens();
  assert.ok(await endsWithin(woken), 'the wait ends');
}

async function wakesFromPause(
  scenario: Scenario,
  what: Parameters<Scenario['store']['pause']>[0],
): Promise<void> {
  await scenario.store.pause(what);
  const woken = waiting(scenario);
  assert.equal(await endsWithin(woken, 50), false);
  await scenario.store.resume(what);
  assert.ok(await endsWithin(woken), 'the wait ends');
}
