import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { sampleImage } from '@imgferry/core/testing';

const NO_COMPILER =
  'there is no C compiler for the servers of the measures: set CC to one, or put cc into PATH (apt-get install gcc libc6-dev, xcode-select --install)';

/** What the servers have had so far. */
export interface ServerTotals {
  /** Pictures that came unchanged. */
  readonly accepted: number;
  readonly refused: number;
  readonly cpuSeconds: number;
}

/** How long the source and the host keep each request waiting, in milliseconds. */
export interface Delays {
  readonly sourceMs: number;
  readonly hostMs: number;
}

/** The web that pictures come from and the host that they go to, in a process of their own. */
export interface PictureServers {
  readonly url: string;
  totals(): Promise<ServerTotals>;
  /** Keeps what comes from now on waiting for so long. */
  delay(delays: Delays): Promise<void>;
  /** When the first byte of the POST came whose title is `clock-<number>`, by {@link monotonicMs}. */
  clock(number: number): Promise<number>;
  close(): Promise<void>;
}

/** Starts them, compiled anew. */
export async function startPictureServers(
  pictureBytes: number,
  delays: Delays = { sourceMs: 0, hostMs: 0 },
): Promise<PictureServers> {
  const folder = fileURLToPath(new URL('../../.cache/bench', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const picture = join(folder, `${pictureBytes}.jpg`);
  writeFileSync(picture, sampleImage('image/jpeg', { bytes: pictureBytes }));
  const args = [picture, `${delays.sourceMs}`, `${delays.hostMs}`];
  const server = spawn(compile(folder), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  const url = `http://127.0.0.1:${await portOf(server, ended)}`;
  return {
    url,
    totals: async () => (await (await fetch(`${url}/totals`)).json()) as ServerTotals,
    async delay({ sourceMs, hostMs }) {
      await (await fetch(`${url}/delays/${sourceMs}/${hostMs}`)).body?.cancel();
    },
    async clock(number) {
      const answer = await fetch(`${url}/clock/${number}`);
      if (!answer.ok) throw new Error(`the picture of clock-${number} has not come`);
      return ((await answer.json()) as { readonly ms: number }).ms;
    },
    async close() {
      server.stdin.end();
      await ended;
    },
  };
}

function compile(folder: string): string {
  const program = join(folder, 'picture-servers');
  const source = fileURLToPath(new URL('../servers/picture-servers.c', import.meta.url));
  const compiler = process.env.CC ?? 'cc';
  const { error, status } = spawnSync(compiler, ['-O2', '-o', program, source], { stdio: 'inherit' });
  if (error !== undefined) throw new Error(NO_COMPILER);
  if (status !== 0) throw new Error(`${compiler} could not compile bench/servers/picture-servers.c`);
  return program;
}

async function portOf({ stdout }: ChildProcess, ended: Promise<unknown>): Promise<number> {
  if (stdout === null) throw new Error('the servers of the measures have no output');
  const neverReady = ended.then(() => {
    throw new Error('the servers of the measures ended at their start');
  });
  const [line] = (await Promise.race([once(stdout, 'data'), neverReady])) as [Buffer];
  return (JSON.parse(line.toString()) as { readonly port: number }).port;
}
