import { startRedisServer } from '../../tests/setup/redis-server.ts';
import { Child, type ChildOptions } from './child.ts';
import type { Contender } from './ferry.ts';
import type { PictureServers } from './picture-servers.ts';
import { RedisMeter } from './redis-usage.ts';
import { median } from './statistics.ts';

/** One that ferries in a process of its own and keeps its jobs in a Redis of its own. */
export interface ContestantOptions extends ChildOptions {
  readonly name: string;
  /** A module of `children`. */
  readonly file: string;
  /** What it is started with, once the address of its Redis is known. */
  readonly args: (redis: string) => readonly string[];
  /** Of its Redis. */
  readonly redis?: readonly string[];
}

/** What one picture took in one run. */
export interface ContestRun {
  readonly perSecond: number;
  /** CPU for 1,000 pictures. */
  readonly cpuSeconds: number;
  /** CPU of its Redis for 1,000 pictures. */
  readonly redisSeconds: number;
}

/** Who is measured in turns with others, so that whatever else the machine does falls on all of them. */
export class Contestant {
  readonly name: string;
  readonly runs: ContestRun[] = [];
  readonly #servers: PictureServers;
  readonly #child: Child<Contender>;
  readonly #redis: Awaited<ReturnType<typeof startRedisServer>>;
  readonly #meter: RedisMeter;

  static async open(options: ContestantOptions, servers: PictureServers): Promise<Contestant> {
    return new Contestant(options, servers, await startRedisServer(...(options.redis ?? [])));
  }

  private constructor(
    { name, file, args, ...options }: ContestantOptions,
    servers: PictureServers,
    redis: Awaited<ReturnType<typeof startRedisServer>>,
  ) {
    this.name = name;
    this.#servers = servers;
    this.#redis = redis;
    this.#meter = new RedisMeter(redis.url);
    this.#child = new Child(new URL(`children/${file}.ts`, import.meta.url), args(redis.url), options);
  }

  /** Ferries so many; all have to arrive, unchanged and once. */
  async run(count: number): Promise<ContestRun> {
    const [{ accepted }, redis] = [await this.#servers.totals(), await this.#meter.read()];
    const { complete, seconds, cpuSeconds } = await this.#child.call('ferry', count);
    const arrived = (await this.#servers.totals()).accepted - accepted;
    if (complete !== count || arrived !== count)
      throw new Error(`${this.name}: of ${count} pictures ${arrived} arrived and ${complete} have a link`);
    const redisSeconds = (await this.#meter.read()).cpuSeconds - redis.cpuSeconds;
    return {
      perSecond: count / seconds,
      cpuSeconds: (cpuSeconds * 1e3) / count,
      redisSeconds: (redisSeconds * 1e3) / count,
    };
  }

  async close(): Promise<void> {
    await this.#child.end();
    this.#meter.close();
    await this.#redis.close();
  }
}

/** How much of a contest there is. */
export interface ContestExtent {
  /** Before anything counts, until the code is compiled and all connections stand. */
  readonly warmUp: number;
  readonly runs: number;
  readonly pictures: number;
}

/** Has them run in turns, forth and back, and answers what each took in each run. */
export async function contest(
  servers: PictureServers,
  options: readonly ContestantOptions[],
  { warmUp, runs, pictures }: ContestExtent,
  onRun: (text: string) => void,
): Promise<readonly (readonly ContestRun[])[]> {
  const contestants = await Promise.all(options.map((each) => Contestant.open(each, servers)));
  try {
    for (const contestant of contestants) await contestant.run(warmUp);
    for (let run = 1; run <= runs; run += 1)
      for (const contestant of run % 2 === 0 ? contestants.toReversed() : contestants)
        contestant.runs.push(await contestant.run(pictures));
    for (const { name, runs } of contestants)
      onRun(`${name}: ${Math.round(median(runs.map(({ perSecond }) => perSecond)))} pictures/s`);
    return contestants.map(({ runs }) => runs);
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.close()));
  }
}
