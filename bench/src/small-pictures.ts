import { type ContestantOptions, type ContestRun, contest } from './contestant.ts';
import { startPictureServers } from './picture-servers.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';

const pictureBytes = 50_000;
const concurrency = 32;
/** Long enough that the submits at the beginning and the last few uploads at the end hardly count. */
const extents = {
  whole: { warmUp: 4_000, runs: 5, pictures: 20_000 },
  quick: { warmUp: 4_000, runs: 2, pictures: 4_000 },
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
const names = Object.keys(contenders) as readonly Name[];

/** How fast small pictures go from their submit to the end of their jobs, beside what a user would pick instead. */
export async function measureSmallPictures({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  const servers = await startPictureServers(pictureBytes);
  const options = names.map((name): ContestantOptions => {
    const { file, onRedis } = contenders[name];
    const args = [servers.url, String(concurrency)];
    return onRedis
      ? { name, file, args: (redis) => [...args, redis] }
      : { name, file, args: () => args, redis: null };
  });
  try {
    const runs = await contest(servers, options, extents[quick ? 'quick' : 'whole'], (text) =>
      sayProgress(`small-pictures, ${text}`),
    );
    return rowsOf(new Map(names.map((name, at) => [name, runs[at] ?? []])));
  } finally {
    await servers.close();
  }
}

function rowsOf(runsOf: ReadonlyMap<Name, readonly ContestRun[]>): Row[] {
  const row = (
    what: string,
    unit: string,
    figure: keyof ContestRun,
    [ours, peer]: readonly [Name, Name?],
    aim?: string,
  ): Row => {
    const of = (name: Name): number[] => (runsOf.get(name) ?? []).map((run) => run[figure]);
    return {
      what: `${ours}: ${what}`,
      unit,
      ours: of(ours),
      ...(peer === undefined ? {} : { peerName: peer, peer: of(peer) }),
      ...(aim === undefined ? {} : { aim }),
    };
  };
  const onRedis = 'imgferry on Redis';
  const bull = [onRedis, 'BullMQ + undici'] as const;
  return [
    row('throughput', 'pictures/s', 'perSecond', bull, '≥ 2.1 ×'),
    row('throughput', 'pictures/s', 'perSecond', [onRedis, 'plain loop'], '≥ 1.3 ×'),
    row('throughput', 'pictures/s', 'perSecond', [onRedis, 'bare sockets + Redis'], '≥ 0.75 ×'),
    row('throughput', 'pictures/s', 'perSecond', ['imgferry in memory', 'plain loop']),
    row('throughput', 'pictures/s', 'perSecond', ['imgferry in memory', 'bare sockets']),
    row('CPU', 's per 1,000', 'cpuSeconds', bull, '≤ 0.51 ×'),
    row('CPU', 's per 1,000', 'cpuSeconds', [onRedis, 'plain loop']),
    row('CPU', 's per 1,000', 'cpuSeconds', [onRedis, 'bare sockets + Redis']),
    row('CPU', 's per 1,000', 'cpuSeconds', ['imgferry in memory', 'plain loop']),
    row('CPU of Redis', 's per 1,000', 'redisSeconds', bull, '≤ 0.012'),
    row('commands, those in scripts included', 'each', 'commands', bull, '≤ 2'),
    row('reads of Redis', 'each', 'reads', bull, '≤ 0.3'),
    row('on the wire to Redis', 'bytes each', 'bytesOnTheWire', bull, '≤ 350'),
    row('CPU of the servers', 's per 1,000', 'serverSeconds', bull),
    row('of a core, the servers', '', 'serverShare', [onRedis, 'bare sockets'], '< 1'),
  ];
}
