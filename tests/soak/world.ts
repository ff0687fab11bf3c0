import { join } from 'node:path';

import { Redis } from 'ioredis';

import { silentLogger } from '@imgferry/core';
import { type ImgurStandIn, startImgurStandIn } from '@imgferry/core/testing';
import { RedisStore } from '@imgferry/redis-store';
import { type RedisProxy, startRedisProxy } from '../setup/redis-proxy.ts';
import { freePort, type RedisServer, startRedisServer } from '../setup/redis-server.ts';
import type { Diary } from './diary.ts';
import { PictureWeb, sourceToken } from './picture-web.ts';
import { ServiceProcess } from './service-process.ts';
import type { SoakOptions } from './soak-options.ts';

/** What no log may hold. */
export const secrets: readonly string[] = [
  'canary-client-id-5d1f',
  'canary-redis-password-7e2a',
  sourceToken,
];
const [clientId = '', password = ''] = secrets;

export const namespace = 'soak';
export const leaseMs = 3_000;
export const drainTimeoutMs = 2_000;

/** Everything that runs: real processes of the service, a Redis, and what is around them. */
export class World {
  readonly host: ImgurStandIn;
  readonly web: PictureWeb;
  readonly redis: RedisServer;
  /** Straight to Redis, past all proxies. */
  readonly redisUrl: string;
  readonly store: RedisStore;
  readonly client: Redis;
  readonly apiUrl: string;
  readonly workers: ServiceProcess[] = [];
  /** One way to Redis for each worker, and the last for the api. */
  readonly proxies: readonly RedisProxy[];
  /** All that were ever started. */
  readonly processes: ServiceProcess[] = [];
  readonly #diary: Diary;
  readonly #folder: string;
  readonly #apiPort: number;
  /** Since when nothing has been done to each worker, by `performance.now()`; Infinity while something is. */
  readonly #calmSince: number[] = [];
  #made = 0;
  #closing = false;

  private constructor(
    parts: Pick<World, 'host' | 'web' | 'redis' | 'redisUrl' | 'proxies'>,
    apiPort: number,
    { diary, folder }: WorldFacts,
  ) {
    this.host = parts.host;
    this.web = parts.web;
    this.redis = parts.redis;
    this.redisUrl = parts.redisUrl;
    this.proxies = parts.proxies;
    this.store = new RedisStore({ url: parts.redisUrl, namespace, logger: silentLogger });
    this.client = new Redis(parts.redisUrl, { maxRetriesPerRequest: null });
    this.client.on('error', () => {});
    this.apiUrl = `http://127.0.0.1:${apiPort}`;
    this.#apiPort = apiPort;
    this.#diary = diary;
    this.#folder = folder;
  }

  /** Starts it all. */
  static async start(options: SoakOptions, facts: WorldFacts): Promise<World> {
    const web = new PictureWeb();
    await web.start();
    const host = await startImgurStandIn({
      limits: { client: false, user: false, post: false },
      latencyMs: 25,
      keep: 10_000_000,
    });
    const kept = ['--appendonly', 'yes', '--appendfsync', options.appendfsync];
    const redis = await startRedisServer(...kept, '--requirepass', password);
    const proxies = await Promise.all(
      Array.from({ length: options.workers + 1 }, () => startRedisProxy(redis.url)),
    );
    const redisUrl = `redis://:${password}@127.0.0.1:${redis.port}`;
    const world = new World({ host, web, redis, redisUrl, proxies }, await freePort(), facts);
    await world.startApi();
    await Promise.all(Array.from({ length: options.workers }, (_, slot) => world.startWorker(slot)));
    return world;
  }

  get api(): ServiceProcess {
    const api = this.processes.findLast(({ role }) => role === 'api');
    if (api === undefined) throw new Error('there is no api');
    return api;
  }

  async startApi(): Promise<void> {
    await this.#launch('api', 'api', this.proxies.length - 1, { PORT: String(this.#apiPort) }).ready();
  }

  /** Puts a new worker into a slot. */
  async startWorker(slot: number): Promise<void> {
    const worker = this.#launch('worker', `worker-${slot}`, slot, {});
    this.workers[slot] = worker;
    await worker.ready();
  }

  /** Something is being done to a worker, to all of them or to none, until the function that this answers is called. */
  disturb(slot: number | 'all' | undefined): () => void {
    const slots = slot === 'all' ? [...this.workers.keys()] : slot === undefined ? [] : [slot];
    for (const each of slots) this.#calmSince[each] = Number.POSITIVE_INFINITY;
    return () => {
      for (const each of slots) this.#calmSince[each] = performance.now();
    };
  }

  /** For how long nothing has been done to a worker. Below zero while something is. */
  calmMs(slot: number): number {
    return performance.now() - (this.#calmSince[slot] ?? 0);
  }

  /** Ends everything at once. Frozen processes are killed, too. */
  async close(): Promise<void> {
    this.#closing = true;
    this.store.close().catch(() => {});
    this.client.disconnect();
    await Promise.all(this.processes.filter(({ isRunning }) => isRunning).map((each) => each.kill()));
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    await Promise.all([this.redis.close(), this.web.close(), this.host.close()]);
  }

  /** The same without waiting, for the last moment of this process. */
  killNow(): void {
    this.#closing = true;
    for (const each of this.processes) if (each.isRunning) void each.kill();
    this.redis.signal('SIGKILL');
  }

  #launch(role: string, name: string, proxy: number, env: Readonly<Record<string, string>>): ServiceProcess {
    if (this.#closing) throw new Error('it is over');
    this.#made += 1;
    const { port } = new URL(this.proxies[proxy]?.url ?? '');
    const launched = new ServiceProcess(
      role,
      `${name}-${this.#made}`,
      {
        REDIS_URL: `redis://:${password}@127.0.0.1:${port}`,
        NAMESPACE: namespace,
        IMGUR_CLIENT_ID: clientId,
        IMGUR_API_URL: this.host.url,
        SOURCE_ALLOW: '127.0.0.1',
        SOURCE_TIMEOUT_MS: '1500',
        CONCURRENCY: '6',
        LEASE_MS: String(leaseMs),
        DRAIN_TIMEOUT_MS: String(drainTimeoutMs),
        MAX_WAITING: '6000',
        LOG_LEVEL: 'debug',
        ...env,
      },
      this.#folder,
    );
    this.processes.push(launched);
    void launched.ended.then(({ code, signal }) => {
      this.#diary.note('process ended', { process: launched.name, code, signal });
      if (!launched.wasToldToEnd && !this.#closing)
        this.#diary.violation(`${launched.name} ended by itself with ${code ?? signal}; its log says why`);
    });
    return launched;
  }
}

/** Where what happens is written. */
export interface WorldFacts {
  readonly diary: Diary;
  /** For the logs of the processes. */
  readonly folder: string;
}

/** Where the logs of a run go. */
export function runFolder(root: string, seed: number): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '');
  return join(root, '.cache', 'soak', `${time}-seed-${seed}`);
}
