import { signed } from './bad-sources.ts';
import { canaries } from './canaries.ts';
import { carelessHost, carelessSource } from './careless-parts.ts';
import { lookAtTheWorkers } from './monitor-tour.ts';
import type { Scene } from './scene.ts';

/** Three workers die while they hold it. */
export async function poison(scene: Scene): Promise<void> {
  const uploader = scene.uploader(
    carelessHost('dying', async () => {}),
    { source: carelessSource },
  );
  const { jobId } = await uploader.submit([`https://careless.example/poison${signed}`], {
    album: canaries.albumHash,
  });
  scene.jobs.push(jobId);
  const claim = { host: 'dying', limit: 1, leaseMs: 1, workerId: 'a worker' };
  for (let claims = 0; claims < 3; ) {
    const { leases } = await scene.store.queue.claim(claim);
    scene.diary.see('a lease', ...leases);
    claims += leases.length;
  }
  await scene.ferry(uploader, [`https://careless.example/${signed}`]);
  await uploader.finished(jobId);
}

export async function stopInTheMiddle(scene: Scene): Promise<void> {
  const uploader = scene.uploader(scene.imgurHost('imgur-stopped', scene.imgur.url));
  const hold = scene.imgur.hold();
  const { jobId } = await uploader.submit([scene.sources.good]);
  uploader.start();
  await hold.waitFor(1);
  await scene.seeFleet(uploader);
  await lookAtTheWorkers(scene, uploader);
  await uploader.stop({ timeoutMs: 0 });
  hold.release();
  scene.diary.see('an object that was looked at', await uploader.job(jobId), await uploader.uploads(jobId));
  const other = scene.uploader(scene.imgurHost('imgur-stopped', scene.imgur.url));
  other.start();
  await other.finished(jobId);
  await other.cancel(jobId);
  await other.retry(jobId);
}
