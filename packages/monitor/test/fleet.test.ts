import { afterEach, describe, expect, it } from 'vitest';

import type { FleetListOptions, RecentFailure, WorkerInfo } from '@imgferry/core';
import type { Overview, SettingsView, WorkersView, WorkerView } from '@imgferry/monitor';
import { aWorker } from '../../../tests/setup/a-worker.ts';
import { createScene, here, type Scene, type SceneChanges } from './scene.ts';

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.stop();
});

function scene(changes: SceneChanges = {}): Scene {
  const made = createScene(changes);
  scenes.push(made);
  return made;
}

const held = {
  jobId: 'job-1',
  index: 0,
  url: 'https://source.example/a.png?sig=canary',
  attempt: 2,
  forMs: 70,
};

const worker = (id: string, facts: Partial<WorkerInfo>): WorkerInfo => ({
  ...aWorker({ id, load: 0.5 }),
  startedAt: 1,
  lastBeatAt: 2,
  ...facts,
});

function withWorkers(workers: readonly WorkerInfo[]): Scene {
  return scene({
    store: (store) => ({
      fleet: Object.assign(Object.create(store.fleet), {
        list: async ({ holds = true }: FleetListOptions = {}) =>
          holds ? workers : workers.map((each) => ({ ...each, holds: [] })),
      }),
    }),
  });
}

describe('the fleet', () => {
  it('is told of as far as it is one, whatever a store tells', async () => {
    const odd = [
      null,
      5,
      {},
      { id: 'b' },
      { ...worker('c', {}), state: 'x'.repeat(1_000_000) },
      { id: 'd', state: 'offline' },
      { ...worker('e', {}), slots: '1', load: { toString: 1 }, holds: [null], settings: null, hostname: 7 },
    ] as WorkerInfo[];
    const { read, ask } = withWorkers([worker('a', {}), ...odd]);
    const { workers } = await read<WorkersView>('/api/workers');
    expect(workers.map(({ id, slots, load }) => [id, slots, load])).toEqual([
      ['a', 8, 0.5],
      ['d', 0, 0],
      ['e', 0, 0],
    ]);
    expect((await read<WorkerView>('/api/workers/e')).holds).toEqual([]);
    expect((await read<Overview>('/api/overview')).slots).toBe(8);
    for (const path of ['/api/settings', '/metrics']) expect((await ask(path)).status, path).toBe(200);
  });

  it('is counted by state, its slots without those that are gone', async () => {
    const { read } = withWorkers([
      worker('a', { running: 1_200, holds: [held] }),
      worker('b', { state: 'paused' }),
      worker('c', { state: 'offline', running: 2, holds: [held, held] }),
    ]);
    expect(await read<Overview>('/api/overview')).toMatchObject({
      workers: { online: 1, paused: 1, draining: 0, offline: 1 },
      slots: 16,
      busySlots: 1_200,
    });
  });

  it('is listed without what each holds, which is on the page of one', async () => {
    const { read } = withWorkers([
      worker('a', { running: 1, holds: [held], state: 'draining', lastBeatAt: 1_000 }),
    ]);
    const { workers } = await read<WorkersView>('/api/workers');
    expect(workers).toMatchObject([{ id: 'a', state: 'draining', running: 1, load: 0.5 }]);
    expect(workers[0]).not.toHaveProperty('holds');
    expect((await read<WorkerView>('/api/workers/a')).holds).toEqual([
      { jobId: 'job-1', index: 0, url: 'https://source.example/a.png?…', attempt: 2, since: 930 },
    ]);
  });

  it('has its settings compared with ours, value by value, where we work', async () => {
    const { read } = withWorkers([
      worker('w-1', { settings: { leaseMs: 15_000, own: 'x' } }),
      worker('b', { settings: { leaseMs: 20_000 } }),
      worker('c', { settings: { leaseMs: 20_000 } }),
      worker('d', { settings: { leaseMs: 1 }, state: 'offline' }),
    ]);
    const { works, settings } = await read<SettingsView>('/api/settings');
    expect(works).toBe(true);
    const found = (name: string): unknown => settings.find((each) => each.name === name);
    expect(found('leaseMs')).toEqual({
      name: 'leaseMs',
      here: 15_000,
      workers: [
        { value: 15_000, count: 1 },
        { value: 20_000, count: 2 },
      ],
    });
    expect(found('own')).toEqual({ name: 'own', here: null, workers: [{ value: 'x', count: 1 }] });
    expect(settings.map(({ name }) => name)).toEqual(settings.map(({ name }) => name).toSorted());
  });

  it.each([
    ['only watches', []],
    ['has stopped', [worker('w-1', { state: 'offline' })]],
  ])('is shown without the settings of a process that %s', async (_what, ours) => {
    const { read } = withWorkers([worker('a', { settings: { leaseMs: 20_000 } }), ...ours]);
    expect(await read<SettingsView>('/api/settings')).toEqual({
      works: false,
      settings: [{ name: 'leaseMs', here: null, workers: [{ value: 20_000, count: 1 }] }],
    });
  });
});

describe('what the host still allows', () => {
  it('is shown with the time of its reset, and why it is empty', async () => {
    const { read, store } = scene();
    const bucket = {
      bucket: 'fake:client',
      remaining: 0,
      limit: 100,
      resetInMs: 60_000,
      reason: 'blocked',
    } as const;
    await store.budget.observe({ scope: ['fake:client'], buckets: [bucket] });
    const [shown] = (await read<Overview>('/api/overview')).budget;
    expect(shown).toMatchObject({
      name: 'fake:client',
      remaining: 0,
      limit: 100,
      inFlight: 0,
      reason: 'blocked',
    });
    expect(shown?.resetsAt).toBe((await store.budget.list())[0]?.resetsAt);
  });
});

describe('the newest failures', () => {
  const failure = (code: string, index: number): RecentFailure =>
    ({
      jobId: 'job-1',
      index,
      url: 'https://source.example/a.png',
      host: 'fake',
      failure: { code, message: 'no' },
      at: index,
    }) as RecentFailure;

  it('are grouped by code, the newest first, five of each, in words', async () => {
    const failures = [
      ...Array.from({ length: 7 }, (_, index) => failure('source_status', 20 - index)),
      failure('too_large', 1),
    ];
    const { read } = scene({ store: () => ({ recentFailures: async () => failures }) });
    const groups = (await read<Overview>('/api/overview')).failures;
    expect(groups.map(({ code, count, newest }) => [code, count, newest.length])).toEqual([
      ['source_status', 7, 5],
      ['too_large', 1, 1],
    ]);
    expect(groups[0]?.meaning).toMatch(/\w/);
  });

  it('of a code that is not known here are told all the same', async () => {
    const { monitor } = scene({ store: () => ({ recentFailures: async () => [failure('constructor', 1)] }) });
    const answer = await monitor(new Request('http://127.0.0.1/api/overview'), here);
    expect(((await answer.json()) as Overview).failures).toMatchObject([{ code: 'constructor', count: 1 }]);
  });
});
