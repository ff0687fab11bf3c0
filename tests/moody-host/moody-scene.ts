import { setTimeout as sleep } from 'node:timers/promises';

import type { TestContext } from 'vitest';

import { type JobOptions, silentLogger, Uploader, type UploaderEvents } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import {
  type ImgurReply,
  type ImgurStandIn,
  type ImgurStandInOptions,
  type PictureServer,
  type SampleType,
  sampleImage,
  startImgurStandIn,
  startPictureServer,
} from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { eventually } from '../fleet-scene.ts';

type HostOptions = Parameters<typeof createImgurHost>[0];
type Pause = UploaderEvents['host:paused'];

/** What a scene is made of. Time passes only when the test says so. */
export interface SceneOptions {
  readonly imgur?: ImgurStandInOptions;
  readonly host?: Partial<HostOptions>;
  readonly concurrency?: number;
  readonly retries?: number;
  /** How long an upload waits for its second attempt; with 0 nothing waits. @default 0 */
  readonly attemptDelayMs?: number;
  /** Of the first picture; each further one is a byte larger. @default 1000 */
  readonly pictureBytes?: number;
  /** Makes no picture larger than another. @default false */
  readonly oneSize?: boolean;
  readonly pictureType?: SampleType;
}

/** What a user sees of one upload. */
export interface Seen {
  readonly status: string;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly attempts: number;
  readonly possiblyDuplicated: boolean;
  readonly link: string | null;
}

/** Noon of a Monday: twelve hours to the next day of UTC. */
export const noonMs: number = Date.UTC(2026, 10, 23, 12, 0, 0);

/** Limits that no test of something else runs into. */
const noLimits = { client: false, user: false, post: false } as const;

/**
 * A whole uploader on a store in memory, with the host for Imgur, against the stand-in. Retries come at once; store,
 * host and stand-in share a clock that stands still.
 */
export class MoodyScene {
  readonly imgur: ImgurStandIn;
  readonly uploader: Uploader;
  readonly store: MemoryStore;
  readonly host: ReturnType<typeof createImgurHost>;
  /** Every `host:paused`, oldest first. */
  readonly pauses: Pause[] = [];
  readonly completed: UploaderEvents['upload:completed'][] = [];
  readonly retried: UploaderEvents['upload:retried'][] = [];
  // All pictures are of one host, and the clock stands still for who is to come back later.
  readonly #source = createHttpSource({ allow: ['127.0.0.1'], connectionsPerHost: 64 });
  readonly #clock: { nowMs: number };
  readonly #pictures: PictureServer;
  readonly #options: SceneOptions;
  #pictureCount = 0;

  private constructor(
    imgur: ImgurStandIn,
    pictures: PictureServer,
    clock: { nowMs: number },
    options: SceneOptions,
  ) {
    this.imgur = imgur;
    this.#pictures = pictures;
    this.#clock = clock;
    this.#options = options;
    const { host = {}, concurrency = 4, retries = 2, attemptDelayMs = 0 } = options;
    const now = (): number => clock.nowMs;
    this.store = new MemoryStore({ clock: now });
    this.host = createImgurHost({ clientId: 'any', apiUrl: imgur.url, now, ...host });
    this.uploader = new Uploader({
      store: this.store,
      source: this.#source,
      host: this.host,
      concurrency,
      retries,
      retryDelayMs: 0,
      attemptDelayMs,
      pollMs: 2,
      // An hour that passes at once must not end a lease.
      leaseMs: 1_000_000_000,
      logger: silentLogger,
    });
    this.uploader.on('host:paused', (pause) => this.pauses.push(pause));
    this.uploader.on('upload:completed', (event) => this.completed.push(event));
    this.uploader.on('upload:retried', (event) => this.retried.push(event));
  }

  /** Ends by itself with the test. */
  static async open(
    onTestFinished: TestContext['onTestFinished'],
    options: SceneOptions = {},
  ): Promise<MoodyScene> {
    const clock = { nowMs: noonMs };
    const imgur = await startImgurStandIn({ limits: noLimits, clock: () => clock.nowMs, ...options.imgur });
    const pictures = await startPictureServer({});
    const scene = new MoodyScene(imgur, pictures, clock, options);
    onTestFinished(async () => {
      await scene.uploader.stop({ timeoutMs: 0 });
      await Promise.all(
        [scene.store, scene.#source, scene.host, imgur, pictures].map((part) => part.close()),
      );
    });
    return scene;
  }

  /** Orders the replies to the next POSTs, one after the other. */
  order(...replies: readonly ImgurReply[]): this {
    for (const reply of replies) this.imgur.next(reply);
    return this;
  }

  /** Hands in a job of so many pictures, of which each has a size of its own, and begins to work. */
  async submit(count: number = 1, options: JobOptions = {}): Promise<string> {
    const urls = Array.from({ length: count }, () => this.#picture());
    const { jobId } = await this.uploader.submit(urls, options);
    this.uploader.start();
    return jobId;
  }

  elapse(ms: number): void {
    this.#clock.nowMs += ms;
  }

  /** Lets time pass until the job is finished. */
  async finished(jobId: string): Promise<readonly Seen[]> {
    await this.passUntil(() => this.isFinished(jobId));
    return this.uploads(jobId);
  }

  async isFinished(jobId: string): Promise<boolean> {
    return (await this.uploader.job(jobId))?.status === 'complete';
  }

  /** Lets time pass, but not while something runs. */
  async passUntil(happened: () => Promise<boolean>): Promise<void> {
    for (const until = performance.now() + 20_000; !(await happened()); await sleep(2)) {
      if (performance.now() > until) throw new Error('it did not happen in time');
      if ((await this.store.stats()).queue.claimed === 0) this.elapse(10_000);
    }
  }

  /** Resolves when the host has been paused so often and nothing runs. */
  async paused(jobId: string, times: number = 1): Promise<readonly Seen[]> {
    await eventually(() => this.pauses.length >= times, true);
    await eventually(async () => (await this.uploader.job(jobId))?.claimed, 0);
    return this.uploads(jobId);
  }

  /** Resolves when each upload of a job has been tried, and waits. */
  async held(jobId: string): Promise<void> {
    const states = async () => (await this.uploads(jobId)).map(({ status, code }) => [status, typeof code]);
    const total = (await this.uploads(jobId)).length;
    await eventually(states, Array(total).fill(['waiting', 'string']));
  }

  async uploads(jobId: string): Promise<readonly Seen[]> {
    const page = await this.uploader.uploads(jobId, { limit: 1_000 });
    return (page?.items ?? []).map(({ status, failure, attempts, possiblyDuplicated, link }) => ({
      status,
      code: failure?.code,
      message: failure?.message,
      attempts,
      possiblyDuplicated,
      link,
    }));
  }

  /** For how long the budget says that the host is paused, and why. */
  async told(): Promise<{ readonly forMs: number; readonly reason: string } | undefined> {
    return (await this.store.budget.read(this.host.budget ?? [])).paused;
  }

  #picture(): string {
    const seed = this.#pictureCount++;
    const path = `/${seed}.png`;
    const { pictureType = 'image/png', pictureBytes = 1_000, oneSize = false } = this.#options;
    this.#pictures.set(path, sampleImage(pictureType, { bytes: pictureBytes + (oneSize ? 0 : seed), seed }));
    return this.#pictures.urlOf(path);
  }
}
