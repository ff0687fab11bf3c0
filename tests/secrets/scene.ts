import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';

import {
  type Host,
  type ImageTransform,
  type Source,
  type Store,
  type SubmitOptions,
  Uploader,
  type UploaderEventName,
  type UploaderEvents,
} from '@imgferry/core';
import { createHttpSource, type HttpSource, type HttpSourceOptions } from '@imgferry/core/http-source';
import { createImgurHost, type ImgurHost, type ImgurHostOptions } from '@imgferry/core/imgur-host';
import { type ImgurStandIn, startImgurStandIn } from '@imgferry/core/testing';
import { createFetchHandler, type FetchHandler } from '@imgferry/http-adapter';
import { createMonitor, type Monitor, type MonitorUser } from '@imgferry/monitor';
import { RedisStore } from '@imgferry/redis-store';
import { eventNames } from '../setup/event-names.ts';
import { type MonitoredCommand, monitorRedis } from '../setup/redis-monitor.ts';
import { type RedisServer, startRedisServer } from '../setup/redis-server.ts';
import { BadSources, tooLargeBytes } from './bad-sources.ts';
import { canaries } from './canaries.ts';
import type { Diary } from './diary.ts';
import { EchoingImgur } from './echoing-imgur.ts';
import { leakyLogger } from './leaky-logger.ts';
import { dumpOf } from './redis-dump.ts';

type Closer = () => unknown;

interface UploaderParts {
  readonly source?: Source;
  readonly store?: Store;
  readonly transform?: ImageTransform;
  readonly rememberImagesMs?: number;
  readonly console?: true;
}

/** The whole service, with a Redis that wants a password, and a diary in which everything is written down. */
export class Scene {
  readonly diary: Diary;
  readonly closers: Closer[] = [];
  readonly jobs: string[] = [];
  redis!: RedisServer;
  admin!: Redis;
  store!: RedisStore;
  /** The first event of history. */
  beginning = '';
  imgur!: ImgurStandIn;
  echo!: EchoingImgur;
  sources!: BadSources;
  source!: HttpSource;
  handler!: FetchHandler;
  readonly #logger = leakyLogger((line) => this.diary.see('the log', line));
  readonly #following = new AbortController();
  #followed: Promise<void> | undefined;

  constructor(diary: Diary) {
    this.diary = diary;
  }

  async open(): Promise<void> {
    const slowLog = ['--slowlog-log-slower-than', '0', '--slowlog-max-len', '10000'];
    this.redis = await startRedisServer('--requirepass', canaries.redisPassword, ...slowLog);
    this.closers.push(() => this.redis.close());
    this.admin = this.redisClient();
    await this.#listenToRedis();
    this.store = this.redisStore(canaries.redisPassword, 10_000);
    this.imgur = await startImgurStandIn({ clientIds: [canaries.clientId] });
    this.echo = await new EchoingImgur().start();
    this.sources = await BadSources.start();
    this.source = this.httpSource();
    this.closers.push(
      () => this.imgur.close(),
      () => this.echo.close(),
      () => this.sources.close(),
    );
    this.#followed = this.#follow();
  }

  httpSource(options: HttpSourceOptions = {}): HttpSource {
    const source = createHttpSource({
      allow: ['127.0.0.1'],
      resolve: (_host, _options, answer) => answer(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []),
      ...options,
    });
    this.closers.push(() => source.close());
    return source;
  }

  redisClient(): Redis {
    const client = new Redis(this.redis.port, { password: canaries.redisPassword });
    client.on('error', () => {});
    this.closers.push(() => client.disconnect());
    return client;
  }

  redisStore(password: string, timeoutMs = 1_000): RedisStore {
    const url = redisUrl(password, this.redis.port);
    const store = new RedisStore({ url, timeoutMs, logger: this.#logger });
    this.closers.push(() => store.close());
    return store;
  }

  imgurHost(name: string, apiUrl: string, options: Partial<ImgurHostOptions> = {}): ImgurHost {
    const { clientId } = canaries;
    const maxBytes = { 'image/png': tooLargeBytes };
    const host = createImgurHost({
      name,
      egress: name,
      clientId,
      apiUrl,
      oauthUrl: apiUrl,
      maxBytes,
      ...options,
    });
    this.closers.push(() => host.close());
    return host;
  }

  /** An uploader whose every event is written down. `hears` false: nobody listens, so errors go to the logger. */
  uploader(host: Host, { console, ...parts }: UploaderParts = {}): Uploader {
    const uploader = new Uploader({
      store: this.store,
      source: this.source,
      host,
      retries: 1,
      maxAttempts: 2,
      retryDelayMs: 1,
      attemptDelayMs: 1,
      pollMs: 50,
      heartbeatMs: 50,
      ...parts,
      ...(console ? {} : { logger: this.#logger }),
    });
    if (!console) for (const name of eventNames) uploader.on(name, (event) => this.#see(name, event));
    this.closers.push(() => uploader.stop({ timeoutMs: 0 }));
    return uploader;
  }

  handlerFor(uploader: Uploader, authorize?: () => never): FetchHandler {
    const logger = this.#logger;
    return createFetchHandler(uploader, authorize === undefined ? { logger } : { logger, authorize });
  }

  monitorFor(uploader: Uploader, user: MonitorUser): Monitor {
    return createMonitor(uploader, { access: { users: [user] }, logger: this.#logger });
  }

  /** Runs a job to its end. */
  async ferry(uploader: Uploader, urls: readonly string[], options: SubmitOptions = {}): Promise<string> {
    uploader.start();
    const { jobId } = await uploader.submit(urls, options);
    this.jobs.push(jobId);
    await uploader.finished(jobId);
    return jobId;
  }

  /** Runs a job that can not end, until it has been tried and waits; then cancels it. */
  async ferryUntilItWaits(
    uploader: Uploader,
    urls: readonly string[],
    options: SubmitOptions = {},
  ): Promise<void> {
    const waits = Promise.withResolvers<unknown>();
    uploader.on('upload:retried', ({ where }) => where === 'queue' && waits.resolve(where));
    uploader.start();
    const { jobId } = await uploader.submit(urls, options);
    this.jobs.push(jobId);
    await waits.promise;
    this.diary.see('the statistics', await this.store.stats());
    this.diary.see('the fleet', await uploader.workers());
    await this.seeUploads(uploader, jobId);
    await uploader.cancel(jobId);
  }

  /** Looks at who works on what, once somebody does. */
  async seeFleet(uploader: Uploader): Promise<void> {
    for (;;) {
      const workers = await uploader.workers();
      this.diary.see('the fleet', workers);
      if (workers.some(({ holds }) => holds.length > 0)) return;
      await sleep(10);
    }
  }

  async seeUploads(uploader: Uploader, jobId: string): Promise<void> {
    for (const { failure } of (await uploader.uploads(jobId))?.items ?? []) this.#seeFailure(failure);
  }

  /** Looks at everything that Redis keeps and tells of itself. */
  async seeRedis(): Promise<void> {
    for (const [key, value] of await dumpOf(this.admin))
      this.diary.see(
        /:hashes$/.test(key) ? 'the key of the deletehashes' : 'a key of Redis',
        `${key} ${value}`,
      );
    // It keeps slow commands with what they were given, and counts all as slow here.
    this.diary.see('a command to Redis', JSON.stringify(await this.admin.call('SLOWLOG', 'GET', '10000')));
    const looks = [
      ['CLIENT', 'LIST'],
      ['ACL', 'LOG'],
      ['INFO', 'everything'],
    ] as const;
    for (const [command, ...args] of looks)
      this.diary.see(
        'the clients and logs of Redis',
        JSON.stringify(await this.admin.call(command, ...args)),
      );
    const configuration = await this.admin.config('GET', 'requirepass');
    this.diary.see('the configuration of Redis', JSON.stringify(configuration));
  }

  async close(): Promise<void> {
    this.#following.abort();
    await this.#followed;
    for (const close of this.closers.splice(0).reverse()) await close();
  }

  #see(name: UploaderEventName, event: UploaderEvents[UploaderEventName]): void {
    this.diary.happened.add(name);
    this.diary.see('an event', event);
    if ('failure' in event) this.#seeFailure(event.failure);
    if ('error' in event) this.diary.seeError(event.error);
  }

  #seeFailure(failure: { readonly code: string; readonly message: string } | null): void {
    if (failure === null) return;
    this.diary.see('a failure', failure);
    this.diary.happened.add(failure.code);
  }

  async #listenToRedis(): Promise<void> {
    const url = redisUrl(canaries.redisPassword, this.redis.port);
    const see = ({ args }: MonitoredCommand) => this.diary.see('a command to Redis', args.join(' '));
    this.closers.push(await monitorRedis(url, see));
  }

  /** From the beginning of history on. */
  async #follow(): Promise<void> {
    const { signal } = this.#following;
    for await (const event of this.store.events({ after: 'no id', signal })) {
      this.diary.see('an event of the store', event);
      if (event.type !== 'gap' && this.beginning === '') this.beginning = event.id;
      if ('failure' in event) this.#seeFailure(event.failure);
    }
  }
}

function redisUrl(password: string, port: number): string {
  return `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`;
}
