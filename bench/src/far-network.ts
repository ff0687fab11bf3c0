import { startRedisServer } from '../../tests/setup/redis-server.ts';
import type { Aim } from './aim.ts';
import { Child } from './child.ts';
import type { Contender } from './ferry.ts';
import { openUploader } from './open-uploader.ts';
import { type PictureServers, startPictureServers } from './picture-servers.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { whileOpen } from './while-open.ts';

const pictureBytes = 50_000;
const far = { sourceMs: 50, hostMs: 100 };
/** How many pictures pass through a slot in each run. */
const rounds = { whole: 20, quick: 5 };
const runs = { whole: 3, quick: 1 };
const warmUp = { whole: 6_000, quick: 1_000 };
const settings: readonly { readonly slots: number; readonly aim?: Aim }[] = [
  { slots: 32, aim: { of: 'ours', least: 0.97 } },
  { slots: 512 },
];

type Size = 'whole' | 'quick';

interface Run {
  /** Of what slots and latency allow. */
  readonly reached: number;
  /** Of a core, how much source and host took. */
  readonly serverShare: number;
}

/** How much of what slots and latency allow is reached where source and host are far, beside bare sockets. */
export async function measureFarNetwork({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  const size = quick ? 'quick' : 'whole';
  const rows: Row[] = [];
  for (const { slots, ...aim } of settings) {
    sayProgress(`far-network: ${slots} slots, source ${far.sourceMs} ms away, host ${far.hostMs} ms`);
    const [ours, bare] = await whileOpen(async (open) => {
      const servers = open(await startPictureServers(pictureBytes));
      return [await oursOf(servers, slots, size), await bareOf(servers, slots, size)] as const;
    });
    const row = (what: string, figure: keyof Run): Row => ({
      what: `far network, ${slots} slots: ${what}`,
      unit: '',
      ours: ours.map((run) => run[figure]),
      peerName: 'bare sockets',
      peer: bare.map((run) => run[figure]),
    });
    rows.push(
      { ...row(`throughput ÷ (slots ÷ ${far.sourceMs + far.hostMs} ms)`, 'reached'), ...aim },
      row('of a core, the servers', 'serverShare'),
    );
  }
  return rows;
}

async function oursOf(servers: PictureServers, slots: number, size: Size): Promise<Run[]> {
  return whileOpen(async (open) => {
    const redis = open(await startRedisServer());
    const uploader = open(openUploader({ source: servers.url, slots, redis: redis.url }));
    await uploader.call('fill', { jobs: 100, urlsPerJob: 100 });
    await uploader.call('work');
    await uploader.call('next', warmUp[size]);
    await servers.delay(far);
    await uploader.call('next', 2 * slots);
    return await inRuns(servers, size, () => uploader.call('next', slots * rounds[size]));
  });
}

/** Each slot has connections of its own there, and nothing is kept. */
async function bareOf(servers: PictureServers, slots: number, size: Size): Promise<Run[]> {
  const file = new URL('children/bare-sockets.ts', import.meta.url);
  return whileOpen(async (open) => {
    const bare = open(new Child<Contender>(file, [servers.url, String(slots)]));
    await servers.delay({ sourceMs: 0, hostMs: 0 });
    await bare.call('ferry', warmUp[size]);
    await servers.delay(far);
    return await inRuns(servers, size, () => bare.call('ferry', slots * rounds[size]));
  });
}

/** Whole rounds, so that it does not matter where in one of them a run begins. */
async function inRuns(
  servers: PictureServers,
  size: Size,
  run: () => Promise<{ readonly seconds: number }>,
): Promise<Run[]> {
  const atBest = (rounds[size] * (far.sourceMs + far.hostMs)) / 1e3;
  const figures: Run[] = [];
  for (let each = 0; each < runs[size]; each += 1) {
    const before = await servers.totals();
    const { seconds } = await run();
    const after = await servers.totals();
    figures.push({
      reached: atBest / seconds,
      serverShare: (after.cpuSeconds - before.cpuSeconds) / seconds,
    });
  }
  return figures;
}
