import { startRedisServer } from '../../tests/setup/redis-server.ts';
import { Child } from './child.ts';
import type { PictureServers } from './picture-servers.ts';
import type { Submitted, Taker, Wanted, Worker } from './submits.ts';
import type { Open } from './while-open.ts';

/** A process that takes jobs in and one that works on them, with a Redis of their own. */
export class Fleet {
  readonly #servers: PictureServers;
  readonly #taker: Child<Taker>;
  readonly #worker: Child<Worker>;
  #submitted = 0;

  /** @param name What the files of its processes begin with. */
  static async start(name: string, servers: PictureServers, concurrency: number, open: Open): Promise<Fleet> {
    const redis = open(await startRedisServer());
    const file = (role: string): URL => new URL(`children/${name}-${role}.ts`, import.meta.url);
    const taker = open(new Child<Taker>(file('taker'), [servers.url, redis.url]));
    const worker = open(new Child<Worker>(file('worker'), [servers.url, String(concurrency), redis.url]));
    return new Fleet(servers, taker, worker);
  }

  private constructor(servers: PictureServers, taker: Child<Taker>, worker: Child<Worker>) {
    this.#servers = servers;
    this.#taker = taker;
    this.#worker = worker;
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
}
