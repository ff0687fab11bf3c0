import { startRedisServer } from '../../tests/setup/redis-server.ts';
import { Child, type ChildOptions } from './child.ts';
import type { Contender } from './ferry.ts';
import type { PictureServers } from './picture-servers.ts';
import { RedisMeter, type RedisUsage } from './redis-usage.ts';
import { type Open, whileOpen } from './while-open.ts';

/** One that ferries in a process of its own. */
export interface ContestantOptions extends ChildOptions {
  readonly name: string;
  /** A module of `children`. */
  readonly file: string;
  /** What it is started with, once the address of its Redis is known; that is empty where it has none. */
  readonly args: (redis: string) => readonly string[];
  /** How the Redis is started that it has for itself, `null` where it keeps its jobs in its own memory. @default as it comes */
  readonly redis?: readonly string[] | null;
}

/** What one picture took in one run. What is told of Redis is no number where there is none. */
export interface ContestRun {
  readonly perSecond: number;
  /** CPU for 1,000 pictures. */
  readonly cpuSeconds: number;
  /** CPU of source and host for 1,000 pictures. */
  readonly serverSeconds: number;
  /** Of a core, how much source and host took: near 1 they were the limit. */
  readonly serverShare: number;
  /** CPU of its Redis for 1,000 pictures. */
  readonly redisSeconds: number;
  /** Of Redis, those that scripts call included. */
  readonly commands: number;
  /** Requests to Redis. */
  readonly reads: number;
  /** To Redis and from it. */
  readonly bytesOnTheWire: number;
}

/** Who is measured in turns with others, so that whatever else the machine does falls on all of them. */
class Contestant {
  readonly name: string;
  readonly runs: ContestRun[] = [];
  readonly #servers: PictureServers;
  readonly #child: Child<Contender>;
  readonly #meter: RedisMeter | undefined;

  static async start(
    { name, file, args, redis = [], ...options }: ContestantOptions,
    servers: PictureServers,
    open: Open,
  ): Promise<Contestant> {
    const server = redis === null ? undefined : open(await startRedisServer(...redis));
    const meter = server && open(new RedisMeter(server.url));
    const script = new URL(`children/${file}.ts`, import.meta.url);
    const child = open(new Child<Contender>(script, args(server?.url ?? ''), options));
    return new Contestant(name, servers, child, meter);
  }

  private constructor(
    name: string,
    servers: PictureServers,
    child: Child<Contender>,
    meter: RedisMeter | undefined,
  ) {
    this.name = name;
    this.#servers = servers;
    this.#child = child;
    this.#meter = meter;
  }

  /** Ferries so many; all have to arrive, unchanged and once. */
  async run(count: number): Promise<ContestRun> {
    const [servers, redis] = [await this.#servers.totals(), await this.#meter?.read()];
    const { complete, seconds, cpuSeconds } = await this.#child.call('ferry', count);
    const [serversAfter, redisAfter] = [await this.#servers.totals(), await this.#meter?.read()];
    const arrived = serversAfter.accepted - servers.accepted;
    if (complete !== count || arrived !== count)
      throw new Error(`${this.name}: of ${count} pictures ${arrived} arrived and ${complete} have a link`);
    const serverSeconds = serversAfter.cpuSeconds - servers.cpuSeconds;
    const ofRedis = (figure: keyof RedisUsage): number =>
      ((redisAfter?.[figure] ?? Number.NaN) - (redis?.[figure] ?? Number.NaN)) / count;
    return {
      perSecond: count / seconds,
      cpuSeconds: (cpuSeconds * 1e3) / count,
      serverSeconds: (serverSeconds * 1e3) / count,
      serverShare: serverSeconds / seconds,
      redisSeconds: ofRedis('cpuSeconds') * 1e3,
      commands: ofRedis('commands'),
      reads: ofRedis('reads'),
      bytesOnTheWire: ofRedis('bytesOnTheWire'),
    };
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
  return whileOpen(async (open) => {
    const contestants: Contestant[] = [];
    for (const each of options) contestants.push(await Contestant.start(each, servers, open));
    for (const contestant of contestants) await contestant.run(warmUp);
    for (let run = 1; run <= runs; run += 1)
      for (const contestant of run % 2 === 0 ? contestants.toReversed() : contestants) {
        const ran = await contestant.run(pictures);
        contestant.runs.push(ran);
        onRun(`run ${run}, ${contestant.name}: ${Math.round(ran.perSecond)} pictures/s`);
      }
    return contestants.map(({ runs }) => runs);
  });
}
