import { Child } from './child.ts';
import type { PictureServers } from './children/picture-servers.ts';
import type { PlainLoop } from './children/plain-loop.ts';
import type { Service } from './children/service.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import type { Taken } from './stopwatch.ts';

const count = 1_000;
const runs = 5;
/** Jobs before anything counts, until the code of both is compiled and all connections stand. */
const warmUps = 5;

/** What was taken by one job, here and by the servers beside it. */
interface Run extends Taken {
  readonly serverCpuSeconds: number;
}

interface Contender {
  readonly name: string;
  readonly runs: Run[];
  /** Ferries one job. */
  readonly ferry: () => Promise<Taken & { readonly complete: number }>;
}

/** How fast small pictures go from a POST to the end of their job, beside a plain loop over the same pictures. */
export async function measureSmallPictures({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  const rows: Row[] = [];
  for (const concurrency of [32, 8]) {
    sayProgress(`small-pictures: ${count} pictures of 50 KB, ${concurrency} at once`);
    rows.push(...(await measureAt(concurrency, quick ? 1 : runs)));
  }
  return rows;
}

async function measureAt(concurrency: number, counted: number): Promise<Row[]> {
  const servers = new Child<PictureServers>(child('picture-servers'));
  const { source, imgur } = await servers.call('addresses');
  const service = new Child<Service>(child('service'), [imgur, String(concurrency)]);
  const loop = new Child<PlainLoop>(child('plain-loop'));
  try {
    const url = await service.call('address');
    const ours: Contender = { name: 'imgferry', runs: [], ferry: () => postJob(service, url, source) };
    const peer: Contender = {
      name: 'plain loop',
      runs: [],
      ferry: () => loop.call('ferry', { source, imgur, count, concurrency }),
    };
    await takeTurns([ours, peer], servers, counted);
    return rowsOf(concurrency, ours.runs, peer.runs);
  } finally {
    await Promise.all([service.end(), loop.end()]);
    await servers.end();
  }
}

/** One job of each after the other, so that whatever else the machine does falls on both. */
async function takeTurns(
  contenders: readonly [Contender, Contender],
  servers: Child<PictureServers>,
  counted: number,
): Promise<void> {
  for (let round = 1 - warmUps; round <= counted; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const run = await runOnce(contender, servers);
      if (round < 1) continue;
      contender.runs.push(run);
      sayProgress(`  run ${round}, ${contender.name}: ${Math.round(count / run.seconds)} pictures/s`);
    }
  }
}

async function runOnce({ name, ferry }: Contender, servers: Child<PictureServers>): Promise<Run> {
  const before = await servers.call('totals');
  const { complete, seconds, cpuSeconds } = await ferry();
  const after = await servers.call('totals');
  const accepted = after.accepted - before.accepted;
  if (complete !== count || accepted !== count)
    throw new Error(`${name}: of ${count} pictures ${accepted} arrived and ${complete} have a link`);
  return { seconds, cpuSeconds, serverCpuSeconds: after.cpuSeconds - before.cpuSeconds };
}

/** The clock runs from before the POST until the service says that the job is finished. */
async function postJob(
  service: Child<Service>,
  url: string,
  source: string,
): Promise<Taken & { readonly complete: number }> {
  const urls = Array.from({ length: count }, (_, number) => `${source}/${number}.jpg`);
  const body = JSON.stringify({ urls });
  await service.call('begin');
  const response = await fetch(`${url}/v1/images/upload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (response.status !== 202) throw new Error(`the POST was answered with ${response.status}`);
  const { jobId } = (await response.json()) as { readonly jobId: string };
  return service.call('finished', jobId);
}

function rowsOf(concurrency: number, ours: readonly Run[], peer: readonly Run[]): Row[] {
  const row = (unit: string, figure: (run: Run) => number): Row => ({
    what: `1,000 × 50 KB, ${concurrency} at once`,
    unit,
    ours: ours.map(figure),
    peer: peer.map(figure),
  });
  return [
    row('pictures/s', ({ seconds }) => count / seconds),
    row('CPU s per 1,000', ({ cpuSeconds }) => (cpuSeconds * 1_000) / count),
    row('CPU s per 1,000, servers', ({ serverCpuSeconds }) => (serverCpuSeconds * 1_000) / count),
  ];
}

function child(name: string): URL {
  return new URL(`children/${name}.ts`, import.meta.url);
}
