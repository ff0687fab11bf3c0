import { startRedisServer } from '../../tests/setup/redis-server.ts';
import { AnswerCounter } from './answer-counter.ts';
import { Child } from './child.ts';
import type { Endpoints } from './children/imgferry-endpoints.ts';
import type { OtherRequests } from './children/other-requests.ts';
import { Getter } from './get.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { smallHeap } from './small-heap.ts';
import { median, percentile } from './statistics.ts';

const largeJob = { uploads: 10_000, complete: 4_500, failed: 500 };
const smallJob = { uploads: 1, complete: 0, failed: 0 };
const extents = {
  whole: { statusReads: 300, links: 1_000_000, linkReads: 5, otherAnswers: 500 },
  quick: { statusReads: 100, links: 100_000, linkReads: 2, otherAnswers: 200 },
};
/** Before anything counts. */
const warmUp = { status: 120, links: 1 };

/** How much is asked for. */
interface Extent {
  readonly statusReads: number;
  readonly links: number;
  readonly linkReads: number;
  /** How many answers others wait for meanwhile at least: of few, the 99th percentile is the slowest. */
  readonly otherAnswers: number;
}

/** What reading something long came to, in milliseconds. */
interface Long {
  readonly firstMs: readonly number[];
  readonly wholeMs: readonly number[];
  /** The longest that the process of the endpoints did nothing else. */
  readonly heldMs: number;
  /** How long small answers took meanwhile. */
  readonly othersMs: readonly number[];
  /** Of the process of the endpoints, before it is asked for anything long. */
  readonly rssBytes: number;
  /** The most it has ever had, from its start to the last answer. */
  readonly peakRssBytes: number;
}

/** How long the long answers take: the status of a large job, and every link there is; and for how long others wait for them. */
export async function measureReads({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  const extent = extents[quick ? 'quick' : 'whole'];
  const redis = await startRedisServer();
  const onRedis = { extent, redis: redis.url };
  try {
    const status = await onEndpoints(onRedis, (reader) => reader.status());
    // Not in the process whose memory is measured.
    await onEndpoints(onRedis, (reader) => reader.settleLinks());
    const fromRedis = await onEndpoints(onRedis, (reader) => reader.links());
    const withSmallHeap = await onEndpoints({ ...onRedis, flags: [smallHeap] }, (reader) => reader.links());
    const fromMemory = await onEndpoints({ extent }, async (reader) => {
      await reader.settleLinks();
      return reader.links();
    });
    return [
      ...statusRows(status),
      ...linkRows(`${extent.links} links, Redis`, fromRedis),
      rssRow(`${extent.links} links, Redis, ${smallHeap}`, withSmallHeap),
      ...linkRows(`${extent.links} links, memory`, fromMemory),
    ];
  } finally {
    await redis.close();
  }
}

/** How a process of the endpoints is started, and how much of it is read. */
interface ReaderOptions {
  readonly extent: Extent;
  /** @default the memory of the process */
  readonly redis?: string;
  readonly flags?: readonly string[];
}

async function onEndpoints<Result>(
  options: ReaderOptions,
  work: (reader: Reader) => Promise<Result>,
): Promise<Result> {
  const reader = new Reader(options);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

/** The endpoints, somebody who reads much of them, and somebody who reads little. */
class Reader {
  readonly #name: string;
  readonly #extent: Extent;
  readonly #endpoints: Child<Endpoints>;
  readonly #others = new Child<OtherRequests>(new URL('children/other-requests.ts', import.meta.url));
  readonly #getter = new Getter();

  constructor({ extent, redis, flags = [] }: ReaderOptions) {
    this.#name = redis === undefined ? 'memory' : 'Redis';
    this.#extent = extent;
    const file = new URL('children/imgferry-endpoints.ts', import.meta.url);
    this.#endpoints = new Child(file, redis === undefined ? [] : [redis], { flags });
  }

  async settleLinks(): Promise<void> {
    sayProgress(`reads, ${this.#name}: settling ${this.#extent.links} links first`);
    await this.#endpoints.call('settledLinks', this.#extent.links);
  }

  async status(): Promise<Long> {
    const { statusReads: reads } = this.#extent;
    sayProgress(`reads, ${this.#name}: the status of a job of ${largeJob.uploads} URLs, ${reads} times`);
    const jobId = await this.#endpoints.call('settledJob', largeJob);
    return this.#read(`/v1/images/upload/${jobId}`, { reads, before: warmUp.status }, (body) => {
      const { uploaded } = JSON.parse(body.toString()) as { uploaded: Record<string, unknown[]> };
      const { complete, pending, failed } = uploaded;
      return (complete?.length ?? 0) + (pending?.length ?? 0) + (failed?.length ?? 0) === largeJob.uploads;
    });
  }

  async links(): Promise<Long> {
    const { links, linkReads: reads } = this.#extent;
    sayProgress(`reads, ${this.#name}: ${links} links in one answer, ${reads} times`);
    return this.#read('/v1/images', { reads, before: warmUp.links }, (body) => {
      const { uploaded } = JSON.parse(body.toString()) as { uploaded: string[] };
      return new Set(uploaded).size >= links;
    });
  }

  async close(): Promise<void> {
    this.#getter.close();
    await Promise.all([this.#endpoints.end(), this.#others.end()]);
  }

  async #read(
    path: string,
    { reads, before }: { readonly reads: number; readonly before: number },
    isWhole: (body: Buffer) => boolean,
  ): Promise<Long> {
    const url = await this.#endpoints.call('url');
    const smallId = await this.#endpoints.call('settledJob', smallJob);
    const rssBytes = await this.#endpoints.call('rssBytes');
    const { body, bytes } = await this.#getter.get(url + path, { keeps: true });
    if (!isWhole(body)) throw new Error(`${path}: some of it is missing`);
    const counter = new AnswerCounter(url + path);
    const read = async (times: number): Promise<Pick<Long, 'firstMs' | 'wholeMs'>> => {
      const firstMs: number[] = [];
      const wholeMs: number[] = [];
      for (let each = 0; each < times; each += 1) {
        const got = await counter.ask();
        if (got.bytes !== bytes) throw new Error(`${path}: an answer is as long as no other`);
        firstMs.push(got.firstMs);
        wholeMs.push(got.wholeMs);
      }
      return { firstMs, wholeMs };
    };
    await read(before);
    await this.#endpoints.call('watch');
    const alone = await read(reads);
    const { heldMs } = await this.#endpoints.call('watched');
    await this.#others.call('warm', `${url}/v1/images/upload/${smallId}`);
    await this.#others.call('begin');
    do await read(reads);
    while ((await this.#others.call('answered')) < this.#extent.otherAnswers);
    const othersMs = await this.#others.call('end');
    counter.close();
    const peakRssBytes = await this.#endpoints.call('peakBytes');
    return { ...alone, heldMs, rssBytes, peakRssBytes, othersMs };
  }
}

function statusRows({ wholeMs, heldMs, othersMs }: Long): Row[] {
  const what = `status of a job of ${largeJob.uploads} URLs, Redis`;
  return [
    { what: `${what}: median`, unit: 'ms', ours: [median(wholeMs)], aim: { of: 'ours', most: 9 } },
    {
      what: `${what}: 99th percentile`,
      unit: 'ms',
      ours: [percentile(wholeMs, 99)],
      aim: { of: 'ours', most: 20 },
    },
    ...othersRows(what, heldMs, othersMs),
  ];
}

function linkRows(what: string, long: Long): Row[] {
  const { firstMs, wholeMs, heldMs, othersMs, rssBytes } = long;
  return [
    { what: `${what}: first byte`, unit: 'ms', ours: firstMs, aim: { of: 'ours', most: 10 } },
    { what: `${what}: whole`, unit: 'ms', ours: wholeMs, aim: { of: 'ours', most: 1_000 } },
    ...othersRows(what, heldMs, othersMs),
    { what: `${what}: RSS of the process before`, unit: 'MB', ours: [rssBytes / 1e6] },
    rssRow(what, long),
  ];
}

function rssRow(what: string, { peakRssBytes }: Long): Row {
  return {
    what: `${what}: peak RSS of the process`,
    unit: 'MB',
    ours: [peakRssBytes / 1e6],
    aim: { of: 'ours', most: 150 },
  };
}

function othersRows(what: string, heldMs: number, othersMs: readonly number[]): Row[] {
  return [
    {
      what: `${what}: nothing else done for at most`,
      unit: 'ms',
      ours: [heldMs],
      aim: { of: 'ours', most: 10 },
    },
    {
      what: `${what}: status of one URL beside it, 99th percentile`,
      unit: 'ms',
      ours: [percentile(othersMs, 99)],
      aim: { of: 'ours', most: 10 },
    },
  ];
}
