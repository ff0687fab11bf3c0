import type { Aim } from './aim.ts';
import { type ContestantOptions, type ContestExtent, type ContestRun, contest } from './contestant.ts';
import { onOtherCores, shareCores } from './cores.ts';
import { startPictureServers } from './picture-servers.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { whileOpen } from './while-open.ts';

const pictureBytes = 50_000;
const concurrency = 32;
/** Long enough that the submits at the beginning and the last few uploads at the end hardly count. */
const extents = {
  whole: { warmUp: 4_000, runs: 5, pictures: 20_000 },
  quick: { warmUp: 1_000, runs: 1, pictures: 2_000 },
};

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
type Runs = ReadonlyMap<Name, readonly ContestRun[]>;
const names = Object.keys(contenders) as readonly Name[];
const onOwnCore = ['imgferry on Redis', 'BullMQ + undici', 'plain loop', 'bare sockets + Redis'] as const;

/** How fast small pictures go from their submit to the end of their jobs, beside what a user would pick instead. */
export async function measureSmallPictures({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  const extent = extents[quick ? 'quick' : 'whole'];
  const rows = rowsOf(await runAll(names, extent));
  const sharing = shareCores();
  if (!sharing.possible) {
    sayProgress(`small-pictures: none with one core to itself: ${sharing.reason}`);
    return rows;
  }
  const { shares } = sharing;
  return [...rows, ...ownCoreRows(await onOtherCores(shares, () => runAll(onOwnCore, extent, shares.own)))];
}

async function runAll(names: readonly Name[], extent: ContestExtent, core?: string): Promise<Runs> {
  return whileOpen(async (open) => {
    const servers = open(await startPictureServers(pictureBytes));
    const options = names.map((name): ContestantOptions => {
      const { file, onRedis } = contenders[name];
      const args = [servers.url, String(concurrency)];
      return onRedis
        ? { name, file, core, args: (redis) => [...args, redis] }
        : { name, file, core, args: () => args, redis: null };
    });
    const where = core === undefined ? '' : ', one core to itself';
    const runs = await contest(servers, options, extent, (text) =>
      sayProgress(`small-pictures${where}, ${text}`),
    );
    return new Map(names.map((name, at) => [name, runs[at] ?? []]));
  });
}

type Cells = (
  what: string,
  unit: string,
  figure: keyof ContestRun,
  sides: readonly [Name, Name?],
  aim?: Aim,
) => Row;

function cellsOf(runsOf: Runs, where: string): Cells {
  return (what, unit, figure, [ours, peer], aim) => {
    const of = (name: Name): number[] => (runsOf.get(name) ?? []).map((run) => run[figure]);
    return {
      what: `${ours}${where}: ${what}`,
      unit,
      ours: of(ours),
      ...(peer === undefined ? {} : { peerName: peer, peer: of(peer) }),
      ...(aim === undefined ? {} : { aim }),
    };
  };
}

/** Each with one core to itself, as in a container with one core whose Redis, sources and hosts are elsewhere. */
function ownCoreRows(runsOf: Runs): Row[] {
  const row = cellsOf(runsOf, ', one core to itself');
  return onOwnCore
    .slice(1)
    .map((peer) => row('throughput', 'pictures/s', 'perSecond', ['imgferry on Redis', peer]));
}

function rowsOf(runsOf: Runs): Row[] {
  const row = cellsOf(runsOf, '');
  const onRedis = 'imgferry on Redis';
  const bull = [onRedis, 'BullMQ + undici'] as const;
  return [
    row('throughput', 'pictures/s', 'perSecond', bull, { of: 'ratio', least: 2.1 }),
    row('throughput', 'pictures/s', 'perSecond', [onRedis, 'plain loop'], { of: 'ratio', least: 1.3 }),
    row('throughput', 'pictures/s', 'perSecond', [onRedis, 'bare sockets + Redis'], {
      of: 'ratio',
      least: 0.75,
    }),
    row('throughput', 'pictures/s', 'perSecond', ['imgferry in memory', 'plain loop']),
    row('throughput', 'pictures/s', 'perSecond', ['imgferry in memory', 'bare sockets']),
    row('CPU', 's per 1,000', 'cpuSeconds', bull, { of: 'ratio', most: 0.51 }),
    row('CPU', 's per 1,000', 'cpuSeconds', [onRedis, 'plain loop']),
    row('CPU', 's per 1,000', 'cpuSeconds', [onRedis, 'bare sockets + Redis']),
    row('CPU', 's per 1,000', 'cpuSeconds', ['imgferry in memory', 'plain loop']),
    row('CPU of Redis', 's per 1,000', 'redisSeconds', bull, { of: 'ours', most: 0.012 }),
    row('commands, those in scripts included', 'each', 'commands', bull, { of: 'ours', most: 2 }),
    row('reads of Redis', 'each', 'reads', bull, { of: 'ours', most: 0.3 }),
    row('on the wire to Redis', 'bytes each', 'bytesOnTheWire', bull, { of: 'ours', most: 350 }),
    row('CPU of the servers', 's per 1,000', 'serverSeconds', bull),
    row('of a core, the servers', '', 'serverShare', [onRedis, 'bare sockets'], { of: 'ours', most: 0.9 }),
  ];
}
