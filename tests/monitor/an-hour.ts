import type { BudgetReading, FailureCode, Lease, Outcome, WorkerReport } from '@imgferry/core';
import { MemoryStore } from '@imgferry/memory-store';

/** The moment at which the hour is over. */
export const hourEndsAt: number = Date.parse('2026-11-27T14:36:40Z');

const host = 'imgur';
const minuteMs = 60_000;
const limits = ['imgur:client:9f3c2a10', 'imgur:post:default'] as const;
const sites = ['photos.example.org/2026/autumn', 'cdn.example.net/p', 'pictures.example.com/albums/lake'];

const troubles: readonly { readonly code: FailureCode; readonly message: string }[] = [
  { code: 'source_status', message: 'the source answered with status 404' },
  { code: 'source_timeout', message: 'the source sent nothing for 15 s' },
  { code: 'not_an_image', message: 'what the source sent is no image: it begins like HTML' },
  { code: 'source_status', message: 'the source answered with status 410' },
];

/** The job that is under way at the end. */
export const jobUnderWay = idOf(400);

/**
 * A store after an hour of a fleet that works, by a clock that stands still at its end: the same each time, for pictures
 * and for looks at a page with much on it.
 */
export async function anHour(): Promise<MemoryStore> {
  const hour = new Hour();
  for (let minute = 0; minute < 60; minute += 1) await hour.pass(minute);
  await hour.end();
  return hour.store;
}

class Hour {
  readonly store: MemoryStore;
  #now = hourEndsAt - 60 * minuteMs;
  #jobs = 0;
  #settled = 0;

  constructor() {
    this.store = new MemoryStore({ clock: () => this.#now });
  }

  /** A busy time comes and goes. */
  async pass(minute: number): Promise<void> {
    const size = Math.round(26 + 16 * Math.sin(minute / 7) + 9 * Math.sin(minute * 1.7));
    await this.#create(idOf(this.#jobs), size);
    await this.#work(size, minute);
    this.#now = hourEndsAt - (59 - minute) * minuteMs;
  }

  async end(): Promise<void> {
    this.#now = hourEndsAt - 36_000;
    await this.#create(jobUnderWay, 120, { title: 'Autumn at the lake', album: 'a9XkQ' });
    await this.#work(71, 60);
    this.#now = hourEndsAt - 1_400;
    for (const [index, id] of ['w-harbour-1', 'w-harbour-2', 'w-pier-1'].entries()) {
      const leases = await this.#claim(index === 2 ? 3 : 4, id);
      await this.store.fleet.beat(reportOf(id, index, leases), 5_000);
    }
    await this.#create(idOf(401), 40);
    await this.#create(idOf(402), 12);
    await this.store.pause({ jobId: idOf(402) });
    this.#now = hourEndsAt;
  }

  async #create(id: string, count: number, options: object = {}): Promise<void> {
    const site = sites[this.#jobs % sites.length];
    const urls = Array.from({ length: count }, (_, index) => `https://${site}/${1_000 + index}.jpg`);
    await this.store.create({ id, urls, host, options });
    this.#jobs += 1;
  }

  async #claim(limit: number, workerId: string): Promise<readonly Lease[]> {
    const { leases } = await this.store.queue.claim({
      host,
      limit,
      leaseMs: 600_000,
      budget: limits,
      workerId,
    });
    return leases;
  }

  async #work(count: number, minute: number): Promise<void> {
    const slowness = 1.4 + Math.sin(minute / 5) / 2 + Math.sin(minute * 2.3) / 3;
    for (let left = count; left > 0; ) {
      const leases = await this.#claim(Math.min(8, left), 'w-harbour-1');
      left -= leases.length;
      for (const lease of leases) {
        this.#now += Math.round(slowness * (40 + 90 * (1 + Math.sin(this.#settled * 1.9)) ** 2));
        const outcome = this.#outcome(lease);
        await this.store.settle([{ lease, posts: 1, outcome }], [this.#reading()]);
      }
    }
  }

  #outcome({ index }: Lease): Outcome {
    this.#settled += 1;
    const failure = troubles[(this.#settled % (29 * troubles.length)) / 29];
    if (failure !== undefined) return { status: 'failed', failure };
    return {
      status: 'complete',
      link: `https://i.imgur.com/${(this.#settled * 7_919 + 100_000).toString(36)}Qx.jpg`,
      deleteHash: 'a'.repeat(15),
      bytes: 180_000 + ((index * 7_717) % 900_000),
      type: 'image/jpeg',
      width: 1_600,
      height: 1_067,
    };
  }

  #reading(): BudgetReading {
    const [client, post] = limits;
    const resetInMs = hourEndsAt + 22 * minuteMs - this.#now;
    return {
      scope: limits,
      buckets: [
        { bucket: client, remaining: 12_500 - this.#settled, limit: 12_500, resetInMs },
        { bucket: post, remaining: 2_500 - this.#settled, limit: 2_500, resetInMs },
      ],
    };
  }
}

function reportOf(id: string, place: number, leases: readonly Lease[]): WorkerReport {
  return {
    id,
    hostname: id.replace(/^w-(\w+)-\d$/, '$1'),
    pid: 4_120 + place * 37,
    version: '0.1.0',
    state: 'online',
    slots: 4,
    running: leases.length,
    holds: leases.map(({ jobId, index, url, attempt }, at) => ({
      jobId,
      index,
      url,
      attempt,
      forMs: 300 + at * 410,
    })),
    complete: 480 + place * 61,
    failed: 14 + place * 5,
    retried: 9 + place,
    memoryBytes: 96_000_000 + place * 7_100_000,
    load: 0.21 + place * 0.13,
    settings: { concurrency: 4, leaseMs: 15_000 },
  };
}

function idOf(number: number): string {
  const text = (number * 2_654_435_761).toString(16).padStart(12, '0').slice(-12);
  return `${text.slice(0, 8)}-${text.slice(8)}-4f1a-9c3e-${text.split('').reverse().join('')}`;
}
