import { startRedisServer } from '../../tests/setup/redis-server.ts';
import { Child } from './child.ts';
import type { Contender } from './ferry.ts';
import { type PictureServers, startPictureServers } from './picture-servers.ts';
import { sayProgress } from './progress.ts';
import { RedisMeter, type RedisUsage } from './redis-usage.ts';
import type { Row } from './row.ts';

const pictureBytes = 50_000;
const concurrency = 32;
const pictures = { whole: 10_000, quick: 4_000 };
const runs = { whole: 5, quick: 2 };
/** Before anything counts, until the code is compiled and all connections stand. */
const warmUp = 4_000;

/** What is measured: a file of `children`, and whether it keeps its jobs in Redis. */
const contenders = {
  'imgferry on Redis': { file: 'imgferry', onRedis: true },
  'imgferry in memory': { file: 'imgferry', onRedis: false },
  'BullMQ + undici': { file: 'bullmq', onRedis: true },
  'plain loop': { file: 'plain-loop', onRedis: false },
  'bare sockets + Redis': { file: 'bare-sockets', onRedis: true },
  'bare sockets': { file: 'bare-sockets', onRedis: false },
} as const;

type Name = keyof typeof contenders;
const names = Object.keys(contenders) as readonly Name[];

/** What one picture took in one run. */
interface Run {
  readonly perSecond: number;
  /** Milliseconds: seconds for 1,000 pictures. */
  readonly cpuMs: number;
  readonly serverCpuMs: number;
  /** How busy the servers were: near 1 they were the limit. */
  readonly serverShare: number;
  readonly redis: RedisUsage | undefined;
}

/** How fast small pictures go from their submit to the end of their jobs, beside what a user would pick instead. */
export async function measureSmallPictures({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  const of = quick ? 'quick' : 'whole';
  const servers = await startPictureServers(pictureBytes);
  const fields = await Promise.all(names.map((name) => Field.open(name, servers)));
  try {
    for (const field of fields) await field.run(warmUp, false);
    for (let run = 1; run <= runs[of]; run += 1) {
      // So that whatever else the machine does falls on all of them.
      for (const field of run % 2 === 0 ? fields : fields.toReversed()) {
        const { perSecond } = await field.run(pictures[of], true);
        sayProgress(`small-pictures, run ${run}, ${field.name}: ${Math.round(perSecond)} pictures/s`);
      }
    }
    return rowsOf(new Map(fields.map(({ name, runs }) => [name, runs])));
  } finally {
    await Promise.all(fields.map((field) => field.close()));
    await servers.close();
  }
}

/** One contender, with a Redis of its own if it needs one. */
class Field {
  readonly name: Name;
  readonly runs: Run[] = [];
  readonly #servers: PictureServers;
  readonly #child: Child<Contender>;
  readonly #redis: Awaited<ReturnType<typeof startRedisServer>> | undefined;
  readonly #meter: RedisMeter | undefined;

  static async open(name: Name, servers: PictureServers): Promise<Field> {
    return new Field(name, servers, contenders[name].onRedis ? await startRedisServer() : undefined);
  }

  private constructor(
    name: Name,
    servers: PictureServers,
    redis: Awaited<ReturnType<typeof startRedisServer>> | undefined,
  ) {
    const file = new URL(`children/${contenders[name].file}.ts`, import.meta.url);
    this.name = name;
    this.#servers = servers;
    this.#redis = redis;
    this.#meter = redis === undefined ? undefined : new RedisMeter(redis.url);
    const where = redis === undefined ? [] : [redis.url];
    this.#child = new Child(file, [servers.url, String(concurrency), ...where]);
  }

  async run(count: number, counts: boolean): Promise<Run> {
    const [servers, redis] = [await this.#servers.totals(), await this.#meter?.read()];
    const { complete, seconds, cpuSeconds } = await this.#child.call('ferry', count);
    const [serversAfter, redisAfter] = [await this.#servers.totals(), await this.#meter?.read()];
    const accepted = serversAfter.accepted - servers.accepted;
    if (complete !== count || accepted !== count)
      throw new Error(`${this.name}: of ${count} pictures ${accepted} arrived and ${complete} have a link`);
    const serverSeconds = serversAfter.cpuSeconds - servers.cpuSeconds;
    const run: Run = {
      perSecond: count / seconds,
      cpuMs: (cpuSeconds * 1e3) / count,
      serverCpuMs: (serverSeconds * 1e3) / count,
      serverShare: serverSeconds / seconds,
      redis: redis && redisAfter && perPicture(redis, redisAfter, count),
    };
    if (counts) this.runs.push(run);
    return run;
  }

  async close(): Promise<void> {
    await this.#child.end();
    this.#meter?.close();
    await this.#redis?.close();
  }
}

function perPicture(before: RedisUsage, after: RedisUsage, count: number): RedisUsage {
  const each = (figure: keyof RedisUsage): number => (after[figure] - before[figure]) / count;
  return {
    cpuSeconds: each('cpuSeconds'),
    commands: each('commands'),
    reads: each('reads'),
    bytesOnTheWire: each('bytesOnTheWire'),
  };
}

function rowsOf(runsOf: ReadonlyMap<Name, readonly Run[]>): Row[] {
  const of = (name: Name, figure: (run: Run) => number): number[] => (runsOf.get(name) ?? []).map(figure);
  const row = (
    what: string,
    unit: string,
    figure: (run: Run) => number,
    [ours, peer]: readonly [Name, Name?],
    aim?: string,
  ): Row => ({
    what: `${ours}: ${what}`,
    unit,
    ours: of(ours, figure),
    ...(peer === undefined ? {} : { peerName: peer, peer: of(peer, figure) }),
    ...(aim === undefined ? {} : { aim }),
  });
  const speed = ({ perSecond }: Run): number => perSecond;
  const cpu = ({ cpuMs }: Run): number => cpuMs;
  const redis =
    (figure: keyof RedisUsage, times = 1) =>
    ({ redis: usage }: Run): number =>
      times * (usage?.[figure] ?? Number.NaN);
  const onRedis = 'imgferry on Redis';
  const bull = [onRedis, 'BullMQ + undici'] as const;
  return [
    row('throughput', 'pictures/s', speed, bull, '≥ 2.1 ×'),
    row('throughput', 'pictures/s', speed, [onRedis, 'plain loop'], '≥ 1.3 ×'),
    row('throughput', 'pictures/s', speed, [onRedis, 'bare sockets + Redis'], '≥ 0.75 ×'),
    row('throughput', 'pictures/s', speed, ['imgferry in memory', 'plain loop']),
    row('throughput', 'pictures/s', speed, ['imgferry in memory', 'bare sockets']),
    row('CPU', 's per 1,000', cpu, bull, '≤ 0.51 ×'),
    row('CPU', 's per 1,000', cpu, [onRedis, 'plain loop']),
    row('CPU', 's per 1,000', cpu, [onRedis, 'bare sockets + Redis']),
    row('CPU', 's per 1,000', cpu, ['imgferry in memory', 'plain loop']),
    row('CPU of Redis', 's per 1,000', redis('cpuSeconds', 1_000), bull, '≤ 0.012'),
    row('commands, those in scripts included', 'each', redis('commands'), bull, '≤ 2'),
    row('reads of Redis', 'each', redis('reads'), bull, '≤ 0.3'),
    row('on the wire to Redis', 'bytes each', redis('bytesOnTheWire'), bull, '≤ 350'),
    row('CPU of the servers', 's per 1,000', ({ serverCpuMs }) => serverCpuMs, bull),
    row('of a core, the servers', '', ({ serverShare }) => serverShare, [onRedis, 'bare sockets'], '< 1'),
  ];
}
