import { setTimeout as sleep } from 'node:timers/promises';

import { Fleet } from './fleet.ts';
import { type PictureServers, startPictureServers } from './picture-servers.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { median, percentile } from './statistics.ts';
import type { Submitted } from './submits.ts';
import { type Open, whileOpen } from './while-open.ts';

const pictureBytes = 50_000;
const concurrency = 32;
const smallJob = 100;
/** Before anything counts, until the code is compiled and all connections stand. */
const warmUp = { urls: 4_000, pickups: 50 };
/** How many rounds there are, how long the large job is, and how often each thing is done in a round. */
const extents = {
  whole: { rounds: 5, largeJob: 10_000, pickups: 80, behind: 5, submits: 60 },
  quick: { rounds: 1, largeJob: 2_000, pickups: 40, behind: 5, submits: 20 },
};
type Extent = (typeof extents)['whole' | 'quick'];
/** So that a fleet is idle again, and submits come one by one. */
const restMs = 10;

const fleets = { ours: 'imgferry', peer: 'bullmq' } as const;
const peerName = 'BullMQ + undici';

/** What one fleet took, in milliseconds: a list for each round. */
interface Times {
  readonly idle: number[][];
  readonly behind: number[][];
  readonly small: number[][];
  readonly large: number[][];
  readonly held: number[][];
}

/** How long a submit takes, and how long it is until the host hears of it, beside BullMQ and undici in as many processes. */
export async function measureLatency({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  return whileOpen(async (open) => {
    const servers = open(await startPictureServers(pictureBytes));
    const extent = extents[quick ? 'quick' : 'whole'];
    const start = (name: string): Promise<Timed> => Timed.start(name, servers, extent, open);
    const [ours, peer] = [await start(fleets.ours), await start(fleets.peer)];
    for (const fleet of [ours, peer]) await fleet.warm();
    for (let round = 1; round <= extent.rounds; round += 1)
      for (const fleet of round % 2 === 0 ? [peer, ours] : [ours, peer]) await fleet.measure(round);
    const { refused } = await servers.totals();
    if (refused > 0) throw new Error(`${refused} pictures came changed`);
    return rowsOf(ours.times, peer.times, extent);
  });
}

class Timed {
  readonly times: Times = { idle: [], behind: [], small: [], large: [], held: [] };
  readonly #name: string;
  readonly #fleet: Fleet;
  readonly #extent: Extent;
  #clock = 0;

  static async start(name: string, servers: PictureServers, extent: Extent, open: Open): Promise<Timed> {
    return new Timed(name, await Fleet.start(name, servers, concurrency, open), extent);
  }

  private constructor(name: string, fleet: Fleet, extent: Extent) {
    this.#name = name;
    this.#fleet = fleet;
    this.#extent = extent;
  }

  async warm(): Promise<void> {
    await this.#fleet.submit({ urls: warmUp.urls });
    await this.#fleet.completed();
    await this.#idle(warmUp.pickups);
  }

  async measure(round: number): Promise<void> {
    this.times.idle.push(await this.#idle(this.#extent.pickups));
    this.times.behind.push(await this.#behind());
    await this.#submits();
    const [idle, behind, small] = [this.times.idle, this.times.behind, this.times.small].map((all) =>
      median(all.at(-1) ?? []).toFixed(1),
    );
    sayProgress(
      `latency, round ${round}, ${this.#name}: pickup ${idle} ms, behind a job ${behind} ms, submit ${small} ms`,
    );
  }

  /** One job of one URL after the other, with nothing else to do. */
  async #idle(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let pickup = 0; pickup < count; pickup += 1) {
      const [clock, submitted] = await this.#submitOne();
      await this.#fleet.completed();
      times.push(await this.#fleet.pickupMs(clock, submitted));
      await sleep(restMs);
    }
    return times;
  }

  /** Jobs of one URL while a large one, which came before them, is worked on. */
  async #behind(): Promise<number[]> {
    const { largeJob, behind } = this.#extent;
    await this.#fleet.submit({ urls: largeJob });
    await this.#fleet.completed(largeJob - smallJob);
    const ones: (readonly [clock: number, Submitted])[] = [];
    for (let one = 0; one < behind; one += 1) {
      ones.push(await this.#submitOne());
      await sleep(restMs);
    }
    await this.#fleet.completed();
    return Promise.all(ones.map(([clock, submitted]) => this.#fleet.pickupMs(clock, submitted)));
  }

  /** A large job and many small ones, while all that has come before is worked on. */
  async #submits(): Promise<void> {
    const { largeJob, submits } = this.#extent;
    await this.#fleet.submit({ urls: largeJob });
    await this.#fleet.completed(largeJob - smallJob);
    const { tookMs, heldMs } = await this.#fleet.submit({ urls: largeJob });
    const small: number[] = [];
    for (let submit = 0; submit < submits; submit += 1) {
      small.push((await this.#fleet.submit({ urls: smallJob })).tookMs);
      await sleep(restMs);
    }
    this.times.large.push([tookMs]);
    this.times.held.push([heldMs]);
    this.times.small.push(small);
    await this.#fleet.completed();
  }

  async #submitOne(): Promise<readonly [clock: number, Submitted]> {
    this.#clock += 1;
    // Each fleet stops clocks of its own.
    const clock = 2 * this.#clock + (this.#name === fleets.ours ? 0 : 1);
    return [clock, await this.#fleet.submit({ urls: 1, clock })];
  }
}

function rowsOf(ours: Times, peer: Times, { largeJob }: Extent): Row[] {
  const medianRow = (what: string, of: keyof Times, most: number): Row => ({
    what: `${what}: median`,
    unit: 'ms',
    ours: ours[of].map(median),
    peerName,
    peer: peer[of].map(median),
    aim: { of: 'ours', most },
  });
  const slowest = (what: string, of: keyof Times, most: number): Row => ({
    what: `${what}: 99th percentile`,
    unit: 'ms',
    ours: [percentile(ours[of].flat(), 99)],
    peerName,
    peer: [percentile(peer[of].flat(), 99)],
    aim: { of: 'ours', most },
  });
  const idle = 'a job of one URL, idle, from its submit to the first byte at the host';
  const submit = `submit of ${smallJob} URLs while a worker is busy`;
  const submitLarge = `submit of ${largeJob} URLs while a worker is busy`;
  return [
    medianRow(idle, 'idle', 2.5),
    slowest(idle, 'idle', 5),
    medianRow(`the same behind a job of ${largeJob} URLs`, 'behind', 15),
    medianRow(submit, 'small', 2),
    slowest(submit, 'small', 7),
    medianRow(submitLarge, 'large', 60),
    medianRow(`${submitLarge}, nothing else done meanwhile for at most`, 'held', 10),
  ];
}
