import { startRedisServer } from '../../tests/setup/redis-server.ts';
import { Child } from './child.ts';
import type { HeldBytes, SteadyUploader, SteadyUploaderSettings } from './children/steady-uploader.ts';
import type { Contender } from './ferry.ts';
import { openUploader } from './open-uploader.ts';
import { startPictureServers } from './picture-servers.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { smallHeap } from './small-heap.ts';
import { slope } from './statistics.ts';

const smallBytes = 50_000;
const slots = 32;
/** Until what only the start has needed is gone. */
const warmUp = 4_000;
/** As often is the garbage collected before anything counts: the code of the start goes after two times or three. */
const collections = 4;
/** What grows by little is told by many steps: fewer would tell the noise. */
const small = {
  whole: { steps: 10, uploads: 2_000, untilPeak: 24_000 },
  quick: { steps: 10, uploads: 1_000, untilPeak: 6_000 },
};

const largeBytes = 20_000_000;
const largeSlots = 8;
const large = { whole: 80, quick: 8 };

const waitingUrls = 100_000;

type Size = 'whole' | 'quick';

/** What memory an uploading process takes, and whether it takes more and more. */
export async function measureMemory({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  const size = quick ? 'quick' : 'whole';
  return [
    ...(await among(smallBytes, (source, redis) => smallPictures(source, redis, size))),
    ...(await among(smallBytes, (source, redis) => besideWaiting(source, redis, size))),
    ...(await among(largeBytes, (source, redis) => largePictures(source, redis, size))),
  ];
}

/** With servers of pictures and a Redis, for as long as it measures. */
async function among(
  pictureBytes: number,
  measure: (source: string, redis: string) => Promise<Row[]>,
): Promise<Row[]> {
  const [servers, redis] = [await startPictureServers(pictureBytes), await startRedisServer()];
  try {
    return await measure(servers.url, redis.url);
  } finally {
    await servers.close();
    await redis.close();
  }
}

async function smallPictures(source: string, redis: string, size: Size): Promise<Row[]> {
  const onRedis = { source, slots, redis };
  const inMemory = { source, slots };
  const row = (what: string, { heap, external }: HeldBytes, aim?: Row['aim']): Row[] =>
    Object.entries({ heap, 'external memory, as of buffers,': external }).map(([kind, bytes]) => ({
      what: `memory, ${kind} after each upload, ${what}`,
      unit: 'bytes',
      ours: [bytes],
      ...(aim === undefined ? {} : { aim }),
    }));
  const rows = [
    ...row('on Redis', await growthOf(onRedis, size), { of: 'ours', most: 50 }),
    await peakRow('on Redis', onRedis, size),
    await peakRow(`on Redis, ${smallHeap}`, onRedis, size, [smallHeap]),
  ];
  // A quick look sees the same code at work.
  if (size === 'quick') return rows;
  return [
    ...rows,
    ...row('in memory: jobs, links, history', await growthOf(inMemory, size)),
    ...row(
      'in memory without the jobs: links, history',
      await growthOf({ ...inMemory, retentionMs: 1 }, size),
    ),
    await peakRow('in memory', inMemory, size),
    await peakRow(`in memory, ${smallHeap}`, inMemory, size, [smallHeap]),
  ];
}

/** How many bytes more are in use after each upload, told by what is in use after so many steps. */
async function growthOf(settings: SteadyUploaderSettings, size: Size): Promise<HeldBytes> {
  const { steps, uploads } = small[size];
  sayProgress(
    `memory: what is held over ${steps * uploads} uploads${settings.redis === undefined ? '' : ' on Redis'}`,
  );
  return withUploader(settings, async (uploader) => {
    await ferry(uploader, warmUp);
    for (let times = 0; times < collections; times += 1) {
      await uploader.call('heldBytes');
      await ferry(uploader, uploads);
    }
    const held = [await uploader.call('heldBytes')];
    for (let step = 1; step <= steps; step += 1) {
      await ferry(uploader, uploads);
      held.push(await uploader.call('heldBytes'));
    }
    const each = (kind: keyof HeldBytes): number => slope(held.map((bytes) => bytes[kind])) / uploads;
    return { heap: each('heap'), external: each('external') };
  });
}

/** In a process of its own, which nobody makes collect its garbage. */
async function peakRow(
  what: string,
  settings: SteadyUploaderSettings,
  size: Size,
  flags: readonly string[] = [],
): Promise<Row> {
  const { untilPeak } = small[size];
  sayProgress(`memory: the peak over ${untilPeak} uploads ${what}`);
  const peak = await withUploader(
    settings,
    async (uploader) => {
      await ferry(uploader, untilPeak);
      return uploader.call('peakBytes');
    },
    flags,
  );
  return {
    what: `memory, ${slots} × 50 KB at once ${what}: peak RSS`,
    unit: 'MB',
    ours: [peak / 1e6],
    aim: { of: 'ours', most: 280 },
  };
}

/** What a worker holds more while a long job waits in Redis, of which it does its turns. */
async function besideWaiting(source: string, redis: string, size: Size): Promise<Row[]> {
  sayProgress(`memory: what a worker holds beside a waiting job of ${waitingUrls.toLocaleString('en')} URLs`);
  const settings = { source, slots, redis };
  const submitter = openUploader(settings);
  try {
    const more = await withUploader(settings, async (worker) => {
      await worker.call('fill', { jobs: 40, urlsPerJob: 100 });
      await worker.call('work');
      await worker.call('next', warmUp);
      await worker.call('heldBytes');
      await worker.call('next', small[size].uploads);
      const before = sum(await worker.call('heldBytes'));
      await submitter.call('fill', { jobs: 1, urlsPerJob: waitingUrls });
      await worker.call('next', small[size].uploads);
      return sum(await worker.call('heldBytes')) - before;
    });
    return [
      {
        what: `memory, heap and buffers more beside a job of ${waitingUrls.toLocaleString('en')} URLs in Redis`,
        unit: 'MB',
        ours: [more / 1e6],
        aim: { of: 'ours', most: 1 },
      },
    ];
  } finally {
    await submitter.end();
  }
}

function sum({ heap, external }: HeldBytes): number {
  return heap + external;
}

/** Pictures that are not held whole, beside a loop that does. */
async function largePictures(source: string, redis: string, size: Size): Promise<Row[]> {
  const count = large[size];
  sayProgress(`memory: ${count} pictures of 20 MB, ${largeSlots} at once`);
  const ferried = (flags: readonly string[]): Promise<Large> =>
    withUploader({ source, slots: largeSlots, redis }, (uploader) => ferryLarge(uploader, count), flags);
  const [ours, withSmallHeap] = [await ferried([]), await ferried([smallHeap])];
  const file = new URL('children/plain-loop.ts', import.meta.url);
  const loop = new Child<Contender & { readonly peakBytes: () => number }>(file, [
    source,
    String(largeSlots),
  ]);
  try {
    const plain = await ferryLarge(loop, count);
    const beside = { peerName: 'plain loop' };
    const what = `memory, ${largeSlots} × 20 MB at once`;
    return [
      {
        what: `${what}: peak RSS`,
        unit: 'MB',
        ours: [ours.peakMb],
        ...beside,
        peer: [plain.peakMb],
        aim: { of: 'ours', most: 240 },
      },
      {
        what: `${what}, ${smallHeap}: peak RSS`,
        unit: 'MB',
        ours: [withSmallHeap.peakMb],
        ...beside,
        peer: [plain.peakMb],
        aim: { of: 'ours', most: 240 },
      },
      { what: `${what}: rate`, unit: 'MB/s', ours: [ours.rate], ...beside, peer: [plain.rate] },
    ];
  } finally {
    await loop.end();
  }
}

interface Large {
  readonly peakMb: number;
  /** In MB a second. */
  readonly rate: number;
}

async function ferryLarge(
  child: Pick<Child<Contender & { readonly peakBytes: () => number }>, 'call'>,
  count: number,
): Promise<Large> {
  const { complete, seconds } = await child.call('ferry', count);
  if (complete !== count) throw new Error(`${complete} of ${count} large pictures have a link`);
  return { peakMb: (await child.call('peakBytes')) / 1e6, rate: (count * largeBytes) / 1e6 / seconds };
}

async function ferry(uploader: Child<SteadyUploader>, count: number): Promise<void> {
  const { complete } = await uploader.call('ferry', count);
  if (complete !== count) throw new Error(`${complete} of ${count} pictures have a link`);
}

async function withUploader<Answer>(
  settings: SteadyUploaderSettings,
  measure: (uploader: Child<SteadyUploader>) => Promise<Answer>,
  flags: readonly string[] = ['--expose-gc'],
): Promise<Answer> {
  const uploader = openUploader(settings, { flags });
  try {
    return await measure(uploader);
  } finally {
    await uploader.end();
  }
}
