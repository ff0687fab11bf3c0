import { startRedisServer } from '../../tests/setup/redis-server.ts';
import { Child } from './child.ts';
import type { PictureServers } from './picture-servers.ts';
import type { Submitted, Taker, Wanted, Worker } from './submits.ts';

/** A process that takes jobs in and one that works on them, with a Redis of their own. */
export class Fleet {
  readonly #servers: PictureServers;
  readonly #redis: Awaited<ReturnType<typeof startRedisServer>>;
  readonly #taker: Child<Taker>;
  readonly #worker: Child<Worker>;
  #submitted = 0;

  /** @param name What the files of its processes begin with. */
  static async start(name: string, servers: PictureServers, concurrency: number): Promise<Fleet> {
    return new Fleet(name, servers, concurrency, await startRedisServer());
  }

  private constructor(
    name: string,
    servers: PictureServers,
    concurrency: number,
    redis: Awaited<ReturnType<typeof startRedisServer>>,
  ) {
    this.#servers = servers;
    this.#redis = redis;
    const file = (role: string): URL => new URL(`children/${name}-${role}.ts`, import.meta.url);
    this.#taker = new Child(file('taker'), [servers.url, redis.url]);
    this.#worker = new Child(file('worker'), [servers.url, String(concurrency), redis.url]);
  }

  async submit(wanted: Wanted): Promise<Submitted> {
    const submitted = await this.#taker.call('submit', wanted);
    this.#submitted += wanted.urls;
    return submitted;
  }

  /** Resolves once all that was submitted has a link, but for so many. */
  completed(butFor = 0): Promise<void> {
    return this.#worker.call('completed', this.#submitted - butFor);
  }

  /** How long it took from a submit to the first byte at the host, in milliseconds. */
  async pickupMs(clock: number, { atMs }: Submitted): Promise<number> {
    return (await this.#servers.clock(clock)) - atMs;
  }

  async close(): Promise<void> {
    await Promise.all([this.#taker.end(), this.#worker.end()]);
    await this.#redis.close();
  }
}
