import { startRedisServer } from '../../tests/setup/redis-server.ts';
import type { Child } from './child.ts';
import type { SteadyUploader } from './children/steady-uploader.ts';
import { openUploader } from './open-uploader.ts';
import { type PictureServers, startPictureServers } from './picture-servers.ts';
import { RedisMeter } from './redis-usage.ts';

const pictureBytes = 50_000;
/** Uploads at once, in each process. */
export const slots = 32;

/** What a point is measured under. */
export interface Load {
  /** Handed in before, and kept up: what is done is followed by as much. */
  readonly jobs: number;
  readonly urlsPerJob: number;
  /** Whether some of their URLs are left out, as if they had been worked on for long. */
  readonly isAged: boolean;
  /** Processes that work on it. */
  readonly workers: number;
  /** How long the source keeps a request waiting, in milliseconds. */
  readonly sourceMs: number;
  /** How long the host does. */
  readonly hostMs: number;
}

/** How much is measured. */
export interface Extent {
  readonly warmUp: number;
  readonly windows: number;
  readonly pictures: number;
}

/** What pictures took at a point, in each window. */
export interface Measured {
  readonly perSecond: readonly number[];
  /** CPU of the workers for a picture, in milliseconds. */
  readonly workerMs: readonly number[];
  /** CPU of Redis for a picture, in milliseconds. */
  readonly redisMs: readonly number[];
  /** Of a core, how much source and host took: near 1 they were the limit. */
  readonly serverShare: readonly number[];
}

/** Works under a load, with processes and a Redis that nobody has used before. */
export async function measurePoint(load: Load, extent: Extent): Promise<Measured> {
  const [servers, redis] = [await startPictureServers(pictureBytes), await startRedisServer()];
  const meter = new RedisMeter(redis.url);
  const settings = { source: servers.url, slots, redis: redis.url };
  const workers = Array.from({ length: load.workers }, () => openUploader(settings));
  try {
    await fill(openUploader(settings), load);
    await Promise.all(workers.map((worker) => worker.call('work')));
    await windowOf(workers, servers, meter, extent.warmUp);
    await servers.delay(load);
    const windows: Window[] = [];
    for (let each = 0; each < extent.windows; each += 1)
      windows.push(await windowOf(workers, servers, meter, extent.pictures));
    await requireAllThere(workers, servers);
    return {
      perSecond: windows.map(({ perSecond }) => perSecond),
      workerMs: windows.map(({ workerMs }) => workerMs),
      redisMs: windows.map(({ redisMs }) => redisMs),
      serverShare: windows.map(({ serverShare }) => serverShare),
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
    meter.close();
    await redis.close();
    await servers.close();
  }
}

type Window = { readonly [Name in keyof Measured]: number };

/** In a process of its own, so that it leaves nothing in the memory of those that work. */
async function fill(submitter: Child<SteadyUploader>, { jobs, urlsPerJob, isAged }: Load): Promise<void> {
  try {
    await submitter.call('fill', { jobs, urlsPerJob, isAged });
  } finally {
    await submitter.end();
  }
}

async function windowOf(
  workers: readonly Child<SteadyUploader>[],
  servers: PictureServers,
  meter: RedisMeter,
  pictures: number,
): Promise<Window> {
  const each = Math.ceil(pictures / workers.length);
  const [redis, before] = await Promise.all([meter.read(), servers.totals()]);
  const taken = await Promise.all(workers.map((worker) => worker.call('next', each)));
  const [redisAfter, after] = await Promise.all([meter.read(), servers.totals()]);
  const seconds = taken.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  return {
    perSecond: taken.reduce((sum, { seconds }) => sum + each / seconds, 0),
    workerMs: (seconds * 1e3) / (each * workers.length),
    redisMs: ((redisAfter.cpuSeconds - redis.cpuSeconds) * 1e3) / (after.accepted - before.accepted),
    serverShare: (after.cpuSeconds - before.cpuSeconds) / Math.max(...taken.map(({ seconds }) => seconds)),
  };
}

/** A measure of pictures that were lost or sent twice would be worth nothing. */
async function requireAllThere(
  workers: readonly Child<SteadyUploader>[],
  servers: PictureServers,
): Promise<void> {
  const stopped = await Promise.all(workers.map((worker) => worker.call('stop')));
  const complete = stopped.reduce((sum, each) => sum + each.complete, 0);
  const { accepted, refused } = await servers.totals();
  if (complete !== accepted || refused > 0)
    throw new Error(`${accepted} pictures arrived, ${refused} changed, and ${complete} have a link`);
}
