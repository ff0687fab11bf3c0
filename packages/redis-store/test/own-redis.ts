import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis of one test, which may be emptied, ended and started again. What it holds survives that. */
export class OwnRedis {
  readonly #directory = mkdtempSync(join(tmpdir(), 'imgferry-own-redis-'));
  readonly #port: number;
  #server: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort());
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = spawn(
      binary(),
      [
        ...['--port', `${this.#port}`, '--bind', '127.0.0.1', '--dir', this.#directory],
        ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#server = server;
    for await (const line of server.stdout.setEncoding('utf8')) {
      if (String(line).includes('Ready to accept connections')) break;
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function binary(): string {
  const given = process.env.REDIS_SERVER_BIN;
  if (given !== undefined && given !== '') return given;
  return spawnSync('redis-server', ['--version']).status === 0 ? 'redis-server' : 'valkey-server';
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
