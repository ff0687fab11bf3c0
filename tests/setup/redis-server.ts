import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NO_REDIS =
  'there is no Redis for the tests: set REDIS_URL to one, or put redis-server or valkey-server into PATH (apt-get install redis-server, brew install redis)';

/** A Redis of a test's own, which can freeze, go away and come back with what it held. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with its append-only file. */
  restart(): Promise<void>;
  /** Sends it a signal: SIGSTOP freezes it, SIGCONT lets it go on. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it and removes what it kept. */
  close(): Promise<void>;
}

/** Every write is on disk before it is answered. */
export const KEEPS_ALL: readonly string[] = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** Starts a Redis on a free port of the loopback address. It keeps nothing unless the options say so. */
export async function startRedisServer(...options: readonly string[]): Promise<RedisServer> {
  const binary = redisBinary();
  const directory = mkdtempSync(join(tmpdir(), 'imgferry-redis-'));
  const port = await freePort();
  const where = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
  const start = () => ready(spawn(binary, [...where, ...options], { stdio: ['ignore', 'pipe', 'inherit'] }));
  let server = await start();
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    async restart() {
      server = await start();
    },
    signal(signal) {
      server.kill(signal);
    },
    async close() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

let binary: string | undefined;

/** The server that REDIS_SERVER_BIN names or that PATH has; on Debian one that is installed if need be. */
export function redisBinary(): string {
  // To look for it costs as much as to start it.
  binary ??= findBinary();
  return binary;
}

function findBinary(): string {
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

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;
}

/** Waits until a server takes connections. */
async function ready(server: ChildProcess): Promise<ChildProcess> {
  const over = new AbortController();
  const late = setTimeout(() => over.abort(new Error('redis-server was not ready within 10 s')), 10_000);
  const ended = (code: number | null): void =>
    over.abort(new Error(`redis-server ended with ${code} at its start`));
  server.once('exit', ended);
  try {
    for (let log = ''; !log.includes('Ready to accept connections'); ) {
      const [chunk] = await once(server.stdout ?? server, 'data', { signal: over.signal });
      log += String(chunk);
    }
  } catch {
    throw over.signal.reason;
  } finally {
    clearTimeout(late);
    server.off('exit', ended);
    server.stdout?.resume();
  }
  return server;
}
