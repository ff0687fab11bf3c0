import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis of a test's own, which can go away and come back with what it held. */
export interface OwnRedis {
  readonly url: string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with its append-only file. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts `redis-server`, or what REDIS_SERVER_BIN names, on a free port of the loopback address. */
export async function startRedis(...options: string[]): Promise<OwnRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'imgferry-redis-'));
  const port = await freePort();
  const start = () => ready(port, directory, options);
  let server = await start();
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };
  const restart = async (): Promise<void> => {
    server = await start();
  };
  const close = async (): Promise<void> => {
    await kill();
    rmSync(directory, { recursive: true, force: true });
  };
  return { url: `redis://127.0.0.1:${port}`, kill, restart, close };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

async function ready(port: number, directory: string, options: readonly string[]): Promise<ChildProcess> {
  const where = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory];
  const kept = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const server = spawn(process.env.REDIS_SERVER_BIN || 'redis-server', [...where, ...kept, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (let log = ''; !log.includes('Ready to accept connections'); ) {
    const [chunk] = await once(server.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
    log += String(chunk);
  }
  server.stdout.resume();
  return server;
}
