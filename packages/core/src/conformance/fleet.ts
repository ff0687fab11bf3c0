import assert from 'node:assert/strict';

import type { FleetListOptions, WorkerReport } from '../fleet.ts';
import { type Area, rule } from './rule.ts';

const CALM_MS = 60_000;

/** Who is working. */
export const fleet: Area = {
  name: 'fleet',
  rules: [
    rule('a beat registers a worker', async ({ store }) => {
      assert.deepEqual(await store.fleet.beat(report('a'), CALM_MS), []);
      const [worker, ...others] = await store.fleet.list();
      const { startedAt, lastBeatAt, ...told } = worker ?? assert.fail();
      assert.deepEqual(told, report('a'));
      assert.deepEqual(others, []);
      assert.ok(startedAt > 0 && lastBeatAt === startedAt);
    }),
    rule('a beat refreshes a worker', async ({ store, elapse }) => {
      await store.fleet.beat(report('a'), CALM_MS);
      await elapse(20);
      await store.fleet.beat({ ...report('a'), complete: 5, state: 'draining' }, CALM_MS);
      const [worker, ...others] = await store.fleet.list();
      assert.deepEqual([worker?.complete, worker?.state, others.length], [5, 'draining', 0]);
      assert.ok(worker !== undefined && worker.lastBeatAt - worker.startedAt >= 20);
    }),
    rule('all workers that are known are listed, by id', async ({ store }) => {
      for (const id of ['c', 'a', 'b']) await store.fleet.beat(report(id), CALM_MS);
      assert.deepEqual(
        (await store.fleet.list()).map(({ id }) => id),
        ['a', 'b', 'c'],
      );
    }),
    rule('settings are told as the last beat told them', async ({ store }) => {
      const settings = { leaseMs: 15_000, host: 'imgur' };
      const told = async () => (await store.fleet.list()).map((worker) => worker.settings);
      for (const maxWaiting of [1, 1, 2, 2]) {
        await store.fleet.beat({ ...report('a'), settings: { ...settings, maxWaiting } }, CALM_MS);
        assert.deepEqual(await told(), [{ ...settings, maxWaiting }]);
      }
      await store.fleet.leave('a');
      await store.fleet.beat({ ...report('a'), settings: { ...settings, maxWaiting: 2 } }, CALM_MS);
      assert.deepEqual(await told(), [{ ...settings, maxWaiting: 2 }]);
    }),
    rule('a list leaves out what is not asked for', async ({ store }) => {
      await store.fleet.beat({ ...report('a'), running: 1_200 }, CALM_MS);
      const look = async (options: FleetListOptions) => {
        const [worker] = await store.fleet.list(options);
        const { running, holds, settings } = worker ?? assert.fail();
        return { running, holds, settings };
      };
      const { holds, settings } = report('a');
      assert.deepEqual(await look({}), { running: 1_200, holds, settings });
      assert.deepEqual(await look({ holds: false }), { running: 1_200, holds: [], settings });
      assert.deepEqual(await look({ settings: false }), { running: 1_200, holds, settings: {} });
    }),
    rule('a worker that leaves is forgotten', async ({ store }) => {
      await store.fleet.beat(report('a'), CALM_MS);
      await store.fleet.leave('a');
      await store.fleet.leave('never-came');
      assert.deepEqual(await store.fleet.list(), []);
    }),
    rule('commands come with the next beat, oldest first, each once', async ({ store }) => {
      await store.fleet.beat(report('a'), CALM_MS);
      await store.fleet.beat(report('b'), CALM_MS);
      assert.equal(await store.fleet.command({ workerId: 'a' }, { type: 'pause' }), 1);
      assert.equal(await store.fleet.command({ workerId: 'a' }, { type: 'resize', slots: 3 }), 1);
      assert.deepEqual(await store.fleet.beat(report('a'), CALM_MS), [
        { type: 'pause' },
        { type: 'resize', slots: 3 },
      ]);
      assert.deepEqual(await store.fleet.beat(report('a'), CALM_MS), []);
      assert.deepEqual(await store.fleet.beat(report('b'), CALM_MS), []);
    }),
    rule('a command for all is left for every worker', async ({ store }) => {
      await store.fleet.beat(report('a'), CALM_MS);
      await store.fleet.beat(report('b'), CALM_MS);
      assert.equal(await store.fleet.command('all', { type: 'drain' }), 2);
      for (const id of ['a', 'b']) {
        assert.deepEqual(await store.fleet.beat(report(id), CALM_MS), [{ type: 'drain' }]);
      }
    }),
    rule('a command for a worker that is unknown is for nobody', async ({ store }) => {
      assert.equal(await store.fleet.command({ workerId: 'unknown' }, { type: 'pause' }), 0);
      assert.equal(await store.fleet.command('all', { type: 'pause' }), 0);
      assert.deepEqual(await store.fleet.beat(report('unknown'), CALM_MS), []);
    }),
    rule('a worker that missed three beats is offline', async ({ store, elapse }) => {
      await store.fleet.beat(report('a'), 20);
      await store.fleet.beat(report('b'), CALM_MS);
      await elapse(60);
      assert.deepEqual(
        (await store.fleet.list()).map(({ state }) => state),
        ['offline', 'online'],
      );
    }),
    rule('a worker that is offline is sent no commands', async ({ store, elapse }) => {
      await store.fleet.beat(report('a'), 20);
      await store.fleet.beat(report('b'), CALM_MS);
      await elapse(60);
      assert.equal(await store.fleet.command('all', { type: 'pause' }), 1);
      assert.equal(await store.fleet.command({ workerId: 'a' }, { type: 'pause' }), 0);
      assert.deepEqual(await store.fleet.beat(report('a'), CALM_MS), []);
      assert.deepEqual(
        (await store.fleet.list()).map(({ state }) => state),
        ['online', 'online'],
      );
    }),
    rule(
      'a worker that is silent for ten minutes is forgotten',
      async ({ store, elapse }) => {
        await store.fleet.beat(report('a'), 5_000);
        await elapse(9 * 60_000);
        assert.equal((await store.fleet.list()).length, 1);
        await elapse(60_000);
        assert.deepEqual(await store.fleet.list(), []);
      },
      { minutes: true },
    ),
  ],
};

function report(id: string): WorkerReport {
  return {
    id,
    hostname: 'machine',
    pid: 7,
    version: '1.0.0',
    state: 'online',
    slots: 8,
    running: 1,
    holds: [{ jobId: 'job', index: 0, url: 'https://a.example/1', attempt: 2, forMs: 40 }],
    complete: 0,
    failed: 0,
    retried: 0,
    memoryBytes: 1_000_000,
    load: 0.25,
    settings: { leaseMs: 15_000, transform: false, host: 'imgur', 'source.allow': 0 },
  };
}
