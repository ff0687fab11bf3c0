import { Child } from './child.ts';
import type { LargeBodyServers } from './children/large-body-servers.ts';
import type { LargeBodiesRun, LargeBodyUploader } from './children/large-body-uploader.ts';
import { digestOf, largeBody, largeBodyBytes } from './large-body.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { whileOpen } from './while-open.ts';

const count = 8;
const runs = 3;

interface Run extends LargeBodiesRun {
  readonly serverCpuSeconds: number;
}

/** How much memory it takes to stream large bodies, all at once; each run in fresh processes. */
export async function measureLargeBodies({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  sayProgress(`large-bodies: ${count} bodies of ${mega(largeBodyBytes)} MB at once; digesting them first`);
  const digests = Array.from({ length: count }, (_, number) => digestOf(largeBody(number)));
  const results: Run[] = [];
  for (let run = 1; run <= (quick ? 1 : runs); run += 1) {
    const result = await runOnce(digests);
    sayProgress(`  run ${run}: ${result.seconds.toFixed(1)} s, peak RSS ${mega(result.peakBytes)} MB`);
    results.push(result);
  }
  return rowsOf(results);
}

async function runOnce(digests: readonly string[]): Promise<Run> {
  return whileOpen(async (open) => {
    const file = new URL('children/large-body-servers.ts', import.meta.url);
    const servers = open(new Child<LargeBodyServers>(file));
    const { source, imgur } = await servers.call('addresses');
    const urls = digests.map((_, number) => `${source}/${number}`);
    const result = await ferryAlone(urls, imgur);
    requireSame(await servers.call('received'), digests);
    return { ...result, serverCpuSeconds: await servers.call('cpuSeconds') };
  });
}

async function ferryAlone(urls: readonly string[], imgur: string): Promise<LargeBodiesRun> {
  const file = new URL('children/large-body-uploader.ts', import.meta.url);
  return whileOpen((open) => {
    const uploader = open(new Child<LargeBodyUploader>(file, [imgur, String(urls.length)]));
    return uploader.call('ferry', urls);
  });
}

/** A body that arrived changed, twice or not at all would make every other figure worthless. */
function requireSame(received: readonly string[], sent: readonly string[]): void {
  if (received.toSorted().join() !== sent.toSorted().join())
    throw new Error(`what arrived differs from what was sent:\n${received.join('\n')}\n\n${sent.join('\n')}`);
}

function rowsOf(results: readonly Run[]): Row[] {
  const row = (what: string, unit: string, figure: (run: Run) => number): Row => ({
    what: `${count} × ${mega(largeBodyBytes)} MB: ${what}`,
    unit,
    ours: results.map(figure),
  });
  return [
    { ...row('peak RSS', 'MB', ({ peakBytes }) => mega(peakBytes)), aim: { of: 'ours', most: 250 } },
    row('peak RSS, sampled', 'MB', ({ sampledPeakBytes }) => mega(sampledPeakBytes)),
    row('RSS before', 'MB', ({ baseBytes }) => mega(baseBytes)),
    row('time', 's', ({ seconds }) => seconds),
    row('CPU', 's', ({ cpuSeconds }) => cpuSeconds),
    row('CPU, servers', 's', ({ serverCpuSeconds }) => serverCpuSeconds),
  ];
}

function mega(bytes: number): number {
  return Math.round(bytes / 1e6);
}
