import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

import { Redis } from 'ioredis';

import { silentLogger } from '@imgferry/core';
import { RedisStore } from '@imgferry/redis-store';

/** Where the processes of this example meet. */
export interface OpenRedis {
  readonly facts: { readonly REDIS_URL: string; readonly NAMESPACE: string };
  readonly close: () => Promise<void>;
}

/** The Redis of REDIS_URL, else one of its own that keeps nothing. What the example has kept goes with its end. */
export async function openRedis(): Promise<OpenRedis> {
  const NAMESPACE = `steer-a-job-${randomUUID()}`;
  const given = process.env.REDIS_URL ?? '';
  if (given !== '') {
    await refuseUnlessUsable(given, NAMESPACE);
    return {
      facts: { REDIS_URL: given, NAMESPACE },
      close: () => clearNamespace(given, NAMESPACE),
    };
  }
  const port = await freePort();
  const where = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(serverBinary(), where, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  await ready(server);
  return {
    facts: { REDIS_URL: `redis://127.0.0.1:${port}`, NAMESPACE },
    async close() {
      server.kill();
      await ended;
    },
  };
}

/** Nothing of the URL is repeated: it may hold a password. */
async function refuseUnlessUsable(url: string, namespace: string): Promise<void> {
  let store: RedisStore | undefined;
  try {
    store = new RedisStore({ url, namespace, logger: silentLogger });
    await store.ready();
  } catch (error) {
    throw new Error(`REDIS_URL can not be used: ${error instanceof Error ? error.message : error}`);
  } finally {
    await store?.close();
  }
}

async function clearNamespace(url: string, namespace: string): Promise<void> {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: `{${namespace}}:*` }))
    if (keys.length > 0) await redis.unlink(...keys);
  await redis.quit();
}

function serverBinary(): string {
  const names = [process.env.REDIS_SERVER_BIN ?? '', 'redis-server', 'valkey-server'];
  const found = names.find((name) => name !== '' && spawnSync(name, ['--version']).status === 0);
  if (found === undefined)
    throw new Error(
      'there is no Redis: set REDIS_URL to one, or put redis-server or valkey-server into PATH',
    );
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

async function ready({ stdout }: ChildProcess): Promise<void> {
  let log = '';
  for await (const chunk of stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    log += String(chunk);
    if (log.includes('Ready to accept connections')) return void stdout?.resume();
  }
  throw new Error(`redis-server did not start: ${log}`);
}
