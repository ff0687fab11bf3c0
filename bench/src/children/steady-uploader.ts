// Ours as a user has it, kept as busy as a measure asks for. `steady-uploader.ts <settings as JSON>`
import { Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { MemoryStore } from '@imgferry/memory-store';
import { RedisStore } from '@imgferry/redis-store';
import { answerCalls } from '../answer-calls.ts';
import { type Ferried, jobsOf } from '../ferry.ts';
import { peakBytes } from '../peak-bytes.ts';
import { startStopwatch, type Taken } from '../stopwatch.ts';

/** What this process is started with. */
export interface SteadyUploaderSettings {
  /** Where pictures are. */
  readonly source: string;
  /** Where they go. @default the source */
  readonly host?: string;
  /** How many at once. */
  readonly slots: number;
  /** A Redis to keep the jobs in. @default the memory of the process */
  readonly redis?: string;
  /** For how long the memory of the process keeps finished jobs, in milliseconds. @default that of the store */
  readonly retentionMs?: number;
}

/** Jobs to hand in. */
export interface Fill {
  readonly jobs: number;
  readonly urlsPerJob: number;
  /**
   * As if they had been worked on for long: of the jobs, anything from one URL to all is left, evenly spread, so that as
   * many come to their end from the beginning as later. @default all is left
   */
  readonly isAged?: boolean;
}

/** How many bytes of memory are in use. */
export interface HeldBytes {
  /** Of V8's heap. */
  readonly heap: number;
  /** Beside it: that of all buffers, and what else the runtime keeps for objects. */
  readonly external: number;
}

const urlsPerJob = 100;
/** So many submits are on their way at once. */
const submitsAtOnce = 16;
const goldenRatio = (1 + Math.sqrt(5)) / 2;

const settings = JSON.parse(process.argv[2] ?? '{}') as SteadyUploaderSettings;
const { source: server, host: api = server, slots, redis, retentionMs } = settings;
const store =
  redis === undefined
    ? new MemoryStore(retentionMs === undefined ? {} : { retentionMs })
    : new RedisStore({ url: redis });
// All pictures are on one host, which is on this machine.
const source = createHttpSource({ allow: ['127.0.0.1'], connectionsPerHost: slots });
const host = createImgurHost({ clientId: 'bench', apiUrl: api, connections: slots });
const uploader = new Uploader({ store, source, host, concurrency: slots, maxUrls: 1e6, maxWaiting: 1e7 });

let submitted = 0;
let complete = 0;
let failed = 0;
let refills = false;
let awaited = { complete: 0, ...Promise.withResolvers<void>() };
uploader.on('upload:failed', ({ failure }) => {
  failed += 1;
  awaited.reject(new Error(`an upload failed: ${failure.message}`));
});
uploader.on('upload:completed', () => {
  complete += 1;
  if (refills && complete % urlsPerJob === 0) void uploader.submit(newUrls(urlsPerJob));
  if (complete === awaited.complete) awaited.resolve();
});

const calls = { fill, work, next, stop, ferry, heldBytes, peakBytes };

/** What can be asked of this process. */
export type SteadyUploader = typeof calls;

answerCalls(calls, async () => {
  await uploader.stop();
  await Promise.all([store.close(), source.close(), host.close()]);
});

/** Hands jobs in, whether anybody works on them or not. */
async function fill({ jobs, urlsPerJob, isAged = false }: Fill): Promise<void> {
  // Multiples of the golden ratio are spread evenly, however many there are.
  const urlsOf = (job: number): number =>
    isAged ? 1 + Math.floor(((job * goldenRatio) % 1) * urlsPerJob) : urlsPerJob;
  for (let first = 1; first <= jobs; first += submitsAtOnce) {
    const count = Math.min(jobs + 1 - first, submitsAtOnce);
    await Promise.all(Array.from({ length: count }, (_, at) => uploader.submit(newUrls(urlsOf(first + at)))));
  }
}

/** Begins to work. From then on each hundred that are complete are followed by another job of a hundred, so that no less waits. */
function work(): void {
  refills = true;
  uploader.start();
}

/** Answers what the next so many uploads took, from the end of one to the end of another. */
async function next(count: number): Promise<Taken> {
  await completed(1);
  const stopwatch = startStopwatch();
  await completed(count);
  return stopwatch();
}

/** Finishes what it has begun and answers how many uploads have come to a link in all, and how many to none. */
async function stop(): Promise<{ readonly complete: number; readonly failed: number }> {
  refills = false;
  await uploader.stop();
  return { complete, failed };
}

/** Works on so many in jobs of a hundred, to the end of them all. */
async function ferry(count: number): Promise<Ferried> {
  const before = complete;
  const ended = completed(count);
  const stopwatch = startStopwatch();
  uploader.start();
  await Promise.all(jobsOf(server, count).map((urls) => uploader.submit(urls)));
  await ended;
  return { ...stopwatch(), complete: complete - before };
}

/** What is held by what is in use. Needs `--expose-gc`. */
async function heldBytes(): Promise<HeldBytes> {
  // What ends in a later turn still holds what it has used, and code that was not run lately goes after some collections.
  for (let times = 0; times < 8; times += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external };
}

function completed(more: number): Promise<void> {
  awaited = { complete: complete + more, ...Promise.withResolvers<void>() };
  return awaited.promise;
}

function newUrls(count: number): string[] {
  return Array.from({ length: count }, () => {
    submitted += 1;
    return `${server}/a-folder-of-some-length/${process.pid}/${submitted}.jpg`;
  });
}
