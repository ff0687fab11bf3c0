import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Redis that tests share; each uses a namespace of its own. */
    redisUrl: string;
  }
}

const NO_REDIS =
  'there is no Redis for the tests: set REDIS_URL to one, or put redis-server or valkey-server into PATH (apt-get install redis-server, brew install redis)';

/** Gives the tests a Redis: the one of REDIS_URL, else one of their own on a free port. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.REDIS_URL;
  if (given !== undefined && given !== '') {
    project.provide('redisUrl', given);
    return undefined;
  }
  const directory = mkdtempSync(join(tmpdir(), 'imgferry-redis-'));
  const port = await freePort();
  const server = start(redisBinary(), port, directory);
  await ready(server);
  project.provide('redisUrl', `redis://127.0.0.1:${port}`);
  return async () => {
    const gone = once(server, 'exit');
    server.kill('SIGTERM');
    await gone;
    rmSync(directory, { recursive: true, force: true });
  };
}

function redisBinary(): string {
  const names = [process.env.REDIS_SERVER_BIN ?? '', 'redis-server', 'valkey-server'];
  const found = names.find((name) => name !== '' && runs(name, '--version'));
  if (found !== undefined) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && runs('apt-get', '--version')) {
    process.stderr.write('the tests need a Redis; installing redis-server with apt-get\n');
    const install =
      'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server';
    spawnSync('sh', ['-c', install], { stdio: ['ignore', 2, 2] });
  }
  if (!runs('redis-server', '--version')) throw new Error(NO_REDIS);
  return 'redis-server';
}

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;
}

function start(binary: string, port: number, directory: string): ChildProcess {
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  return spawn(binary, [...options, '--dir', directory], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function ready(server: ChildProcess): Promise<void> {
  const over = new AbortController();
  const late = setTimeout(() => over.abort(new Error('redis-server was not ready within 10 s')), 10_000);
  server.once('exit', (code) => over.abort(new Error(`redis-server ended with ${code}`)));
  try {
    for (let log = ''; !log.includes('Ready to accept connections'); ) {
      const [chunk] = await once(server.stdout ?? server, 'data', { signal: over.signal });
      log += String(chunk);
    }
  } catch {
    throw over.signal.reason;
  } finally {
    clearTimeout(late);
    server.stdout?.resume();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
