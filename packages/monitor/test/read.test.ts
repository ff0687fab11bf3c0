import { afterEach, describe, expect, it, vi } from 'vitest';

import { failureCodes } from '@imgferry/core';
import type {
  JobPageView,
  JobsView,
  Overview,
  PausedView,
  QueueView,
  Session,
  SettingsView,
  UploadsView,
  WorkersView,
  WorkerView,
} from '@imgferry/monitor';
import { createScene, type Scene, type SceneChanges } from './scene.ts';

const scenes: Scene[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const scene of scenes.splice(0)) await scene.stop();
});

function scene(changes: SceneChanges = {}): Scene {
  const made = createScene(changes);
  scenes.push(made);
  return made;
}

describe('the data of the monitor', () => {
  it('is not there for now, and no fault of the monitor, where what the store keeps can not be read', async () => {
    const broken = async (): Promise<never> => {
      throw new Error('Redis refused the step recent');
    };
    const { ask } = scene({ store: () => ({ recentFailures: broken }) });
    const answer = await ask('/api/overview');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('newest failures') });
    expect((await ask('/api/queue')).status).toBe(200);
  });

  it('shows everything at a glance, with an hour of minutes without a gap', async () => {
    const { uploader, pictures, read } = scene();
    const { jobId } = await uploader.submit([...pictures(2), 'https://source.example/gone.png?signature=x']);
    uploader.start();
    await uploader.finished(jobId);
    const overview = await read<Overview>('/api/overview');
    expect(overview).toMatchObject({ complete: 2, failed: 1, waiting: 0, running: 0, liveJobs: 0 });
    expect(overview.workers.online).toBe(1);
    expect(overview.minutes).toHaveLength(60);
    expect(
      overview.minutes.every(
        ({ at }, index, all) => index === 0 || at - (all[index - 1]?.at ?? 0) === 60_000,
      ),
    ).toBe(true);
    expect(overview.minutes.reduce((sum, { complete }) => sum + complete, 0)).toBe(2);
    expect(overview.failures).toMatchObject([
      {
        code: 'source_status',
        count: 1,
        total: 1,
        newest: [{ jobId, url: 'https://source.example/gone.png?…' }],
      },
    ]);
    const { uploads } = await read<UploadsView>(`/api/jobs/${jobId}/uploads?status=failed`);
    const { remedy } = failureCodes.source_status;
    expect(uploads).toMatchObject([{ failure: { code: 'source_status', remedy } }]);
  });

  it('tells when something was, so that what is told is the same for as long as nothing happens', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: 1_000_000 });
    const { uploader, store, read } = scene();
    await uploader.submit(['https://source.example/0.png', 'https://source.example/1.png']);
    const [lease] = (await store.queue.claim({ host: 'fake', limit: 1, leaseMs: 60_000, workerId: 'w' }))
      .leases;
    expect(lease).toBeDefined();
    if (lease !== undefined)
      await store.queue.release([{ lease, delayMs: 5_000, countAttempt: true, posts: 0 }]);
    const bucket = { bucket: 'fake:client', remaining: 3, resetInMs: 9_000 };
    await store.budget.observe({ scope: ['fake:client'], buckets: [bucket] });
    const looks = async (): Promise<unknown[]> => {
      const { oldestAt, nextDelayedAt } = await read<QueueView>('/api/queue');
      const { oldestAt: oldest, budget } = await read<Overview>('/api/overview');
      return [oldestAt, nextDelayedAt, oldest, budget[0]?.resetsAt];
    };
    vi.advanceTimersByTime(2_345);
    const moments = [1_000_000, 1_005_000, 1_000_000, 1_009_000];
    expect(await looks()).toEqual(moments);
    vi.advanceTimersByTime(2_654);
    expect(await looks()).toEqual(moments);
    vi.advanceTimersByTime(500);
    expect(await looks()).toEqual([1_000_000, null, 1_000_000, 1_009_000]);
  });

  it('shows a job, its uploads, its place in the list, the queue, the workers and the settings', async () => {
    const { uploader, pictures, read, steer } = scene();
    const { jobId } = await uploader.submit(pictures(2), { title: 'Cats', metadata: { order: 7 } });
    expect(await read<JobPageView>(`/api/jobs/${jobId}`)).toMatchObject({
      id: jobId,
      total: 2,
      title: 'Cats',
      metadata: { order: 7 },
    });
    expect((await read<UploadsView>(`/api/jobs/${jobId}/uploads?limit=1`)).next).not.toBeNull();
    expect((await read<JobsView>('/api/jobs')).jobs.map(({ id }) => id)).toEqual([jobId]);
    expect(await read<QueueView>('/api/queue')).toMatchObject({ waiting: 2, leases: 0 });
    uploader.start();
    await uploader.finished(jobId);
    const { workers } = await read<WorkersView>('/api/workers');
    expect(workers).toMatchObject([{ id: 'w-1', state: 'online' }]);
    expect((await read<WorkerView>('/api/workers/w-1')).holds).toEqual([]);
    const { settings } = await read<SettingsView>('/api/settings');
    expect(settings.find(({ name }) => name === 'leaseMs')).toEqual({
      name: 'leaseMs',
      here: 15_000,
      workers: [{ value: 15_000, count: 1 }],
    });
    await steer('/api/hosts/elsewhere/pause');
    expect(await read<PausedView>('/api/paused')).toEqual({ queue: false, hosts: ['elsewhere'], jobs: 0 });
    expect(await read<Session>('/api/session')).toMatchObject({ role: 'write', user: null });
  });
});
