import { setTimeout as sleep } from 'node:timers/promises';

import { expect, it } from 'vitest';

import type { Uploader } from '@imgferry/core';
import { FleetScene } from './fleet-scene.ts';

it('a fleet on one Redis goes on when one worker is killed, one is frozen for longer than its lease and one is drained', async ({
  onTestFinished,
}) => {
  const scene = await FleetScene.open(onTestFinished, { latencyMs: 20, pictureBytes: 50_000 });
  const workers = await Promise.all(Array.from({ length: 4 }, () => scene.process('worker')));
  const [killed, frozen, drained] = workers;
  const api = scene.member();
  const { jobId } = await api.submit(scene.urls(400));
  await untilComplete(api, jobId, 50);
  frozen?.signal('SIGSTOP');
  killed?.signal('SIGKILL');
  drained?.signal('SIGTERM');
  const job = await api.finished(jobId, { signal: AbortSignal.timeout(25_000) });
  frozen?.signal('SIGCONT');
  expect(job).toMatchObject({ complete: 400, failed: 0 });
  expect(await drained?.ended).toEqual([0, null]);
  const links = await api.links({ limit: 1_000 });
  expect(new Set(links.items).size).toBe(400);
  await scene.agrees(1);
});

async function untilComplete(api: Uploader, jobId: string, count: number): Promise<void> {
  for (let job = await api.job(jobId); (job?.complete ?? 0) < count; job = await api.job(jobId))
    await sleep(5);
}
