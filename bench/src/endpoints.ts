import { once } from 'node:events';
import { connect } from 'node:net';

import type { Aim } from './aim.ts';
import { Child } from './child.ts';
import type { Endpoints } from './children/imgferry-endpoints.ts';
import type { LoadClient } from './children/load-client.ts';
import type { PlainEndpoint } from './children/plain-endpoint.ts';
import { Getter } from './get.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { whileOpen } from './while-open.ts';

const job = { uploads: 100, complete: 45, failed: 5 };
const connections = 16;
const requests = { whole: 32_000, quick: 16_000 };
const runs = { whole: 5, quick: 2 };
/** Before anything counts, until the code is compiled. */
const warmUpRuns = 3;
const peerName = 'plain node:http';

interface Run {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

/** One of the two that are asked in turns. */
interface Side {
  readonly name: string;
  readonly server: Pick<Child<Pick<PlainEndpoint, 'watch' | 'watched'>>, 'call'>;
  readonly url: string;
  readonly runs: Run[];
}

/** How much the endpoints cost beside a plain handler of node:http that answers the same bytes. */
export async function measureEndpoints({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  const of = quick ? 'quick' : 'whole';
  const child = (name: string): URL => new URL(`children/${name}.ts`, import.meta.url);
  return whileOpen(async (open) => {
    const server = open(new Child<Endpoints>(child('imgferry-endpoints')));
    const plainServer = open(new Child<PlainEndpoint>(child('plain-endpoint')));
    const client = open(new Child<LoadClient>(child('load-client'), [String(connections)]));
    const path = `/v1/images/upload/${await server.call('settledJob', job)}`;
    const ours: Side = { name: 'ours', server, url: (await server.call('url')) + path, runs: [] };
    const plainUrl = (await plainServer.call('url')) + path;
    const plain: Side = { name: 'plain', server: plainServer, url: plainUrl, runs: [] };
    await plainServer.call('answerWith', await answerOf(ours.url));
    const bytes = await sameBytes(ours.url, plain.url);
    for (let run = 1 - warmUpRuns; run <= runs[of]; run += 1)
      for (const side of run % 2 === 0 ? [plain, ours] : [ours, plain]) {
        const ran = await runOf(side, client, { bytes, requests: requests[of] });
        if (run <= 0) continue;
        side.runs.push(ran);
        sayProgress(`endpoints, run ${run}, ${side.name}: ${Math.round(ran.perSecond)} requests/s`);
      }
    return rowsOf(ours.runs, plain.runs);
  });
}

async function runOf(
  { server, url }: Side,
  client: Child<LoadClient>,
  { bytes, requests }: { readonly bytes: number; readonly requests: number },
): Promise<Run> {
  await server.call('watch');
  const seconds = await client.call('load', { url, bytes, requests });
  const { cpuSeconds } = await server.call('watched');
  return { perSecond: requests / seconds, cpuMicroseconds: (cpuSeconds * 1e6) / requests };
}

/** What a plain handler has to answer. Node adds the other headers by itself. */
async function answerOf(url: string): Promise<{ headers: Record<string, string>; body: string }> {
  const getter = new Getter();
  const { headers, body } = await getter.get(url, { keeps: true });
  getter.close();
  const names = ['cache-control', 'x-content-type-options', 'content-type', 'content-length'];
  return {
    headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
    body: body.toString(),
  };
}

/** How long the answers of both are. They differ in nothing but the time. */
async function sameBytes(...urls: readonly string[]): Promise<number> {
  const [one = '', other = ''] = await Promise.all(urls.map(rawAnswer));
  const timeless = (answer: string): string => answer.replace(/^date: .*$/im, '');
  if (timeless(one) !== timeless(other)) throw new Error(`the answers differ:\n${one}\n\n${other}`);
  return Buffer.byteLength(one);
}

async function rawAnswer(url: string): Promise<string> {
  const { port, host, pathname } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n\r\n`);
  let answer = '';
  while (!answer.endsWith('}}')) answer += String(await once(socket, 'data'));
  socket.destroy();
  return answer;
}

function rowsOf(ours: readonly Run[], plain: readonly Run[]): Row[] {
  const row = (what: string, unit: string, figure: (run: Run) => number, aim?: Aim): Row => ({
    what: `status of a job of ${job.uploads} URLs, memory: ${what}`,
    unit,
    ours: ours.map(figure),
    peerName,
    peer: plain.map(figure),
    ...(aim === undefined ? {} : { aim }),
  });
  return [
    row('answers', 'each second', ({ perSecond }) => perSecond, { of: 'ratio', least: 0.8 }),
    row('CPU', 'µs each', ({ cpuMicroseconds }) => cpuMicroseconds),
  ];
}
