import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

import { expect, inject } from 'vitest';

import { type Uploader as Member, type StoreEvent, silentLogger, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import {
  type ImgurStandIn,
  type ImgurStandInOptions,
  type PictureServer,
  sampleImage,
  startImgurStandIn,
  startPictureServer,
} from '@imgferry/core/testing';
import { checkInvariants, RedisStore } from '@imgferry/redis-store';

type MemberOptions = Partial<ConstructorParameters<typeof Uploader>[0]>;

/** What a process of the fleet is told in its first argument. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** What a process of the fleet told in one line: `ready`, an event by its name, or where it stands. */
export type Told = Readonly<Record<string, unknown>> & { readonly told: string };

const NO_LIMITS = { client: false, user: false, post: false } as const;

/** No rule here is about steps that take long, and on a busy machine they do. */
const patience = { timeoutMs: 10_000 };

/** What the members of one fleet share: a namespace in a real Redis, pictures, and what stands in for Imgur. */
export class FleetScene {
  readonly redis = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  readonly imgur: ImgurStandIn;
  readonly pictures: PictureServer;
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #pictureBytes: number;

  private constructor(imgur: ImgurStandIn, pictures: PictureServer, pictureBytes: number) {
    this.imgur = imgur;
    this.pictures = pictures;
    this.#pictureBytes = pictureBytes;
    this.later(() => imgur.close());
    this.later(() => pictures.close());
  }

  /** Ends by itself with the test. The host has no limits unless some are given. */
  static async open(
    onTestFinished: (close: () => Promise<void>) => void,
    options: ImgurStandInOptions & { readonly pictureBytes?: number } = {},
  ): Promise<FleetScene> {
    const { pictureBytes = 2_000, ...standIn } = options;
    const imgur = await startImgurStandIn({ limits: NO_LIMITS, ...standIn });
    const scene = new FleetScene(imgur, await startPictureServer({}), pictureBytes);
    onTestFinished(() => scene.#close());
    return scene;
  }

  /** Has something done when the test ends, the last first. */
  later(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /** URLs of pictures that all differ. */
  urls(count: number): string[] {
    return Array.from({ length: count }, (_, index) => {
      this.pictures.set(`/${index}.png`, this.#picture(index));
      return this.urlOf(index);
    });
  }

  urlOf(index: number): string {
    return this.pictures.urlOf(`/${index}.png`);
  }

  /** What the host was given of one picture. */
  imagesOf(index: number): ImgurStandIn['images'] {
    const digest = createHash('sha256').update(this.#picture(index)).digest('hex');
    return this.imgur.images.filter(({ sha256 }) => sha256 === digest);
  }

  /** A member of the fleet in this process. It works once it is started. */
  member(options: MemberOptions = {}): Member {
    const store = new RedisStore({ ...this.redis, ...patience, logger: silentLogger });
    // All pictures are on one host, and what is looked at is not how politely it is asked.
    const source = createHttpSource({ allow: ['127.0.0.1'], connectionsPerHost: 8 });
    const host = createImgurHost({ clientId: 'any', apiUrl: this.imgur.url });
    const member = new Uploader({ store, source, host, pollMs: 200, logger: silentLogger, ...options });
    this.later(async () => {
      await member.stop({ timeoutMs: 0 });
      await Promise.all([store.close(), source.close(), host.close()]);
    });
    return member;
  }

  /** A member of the fleet as a process of its own, once it is ready. */
  async process(fixture: 'worker' | 'crash' | 'account', facts: Facts = {}): Promise<FleetProcess> {
    const all = { ...this.redis, apiUrl: this.imgur.url, ...facts };
    const member = new FleetProcess(fixture, all);
    this.later(() => member.end());
    await member.heard('ready');
    return member;
  }

  /** Hears what the fleet does from now on, in a list that grows. Resolves when it has begun to listen. */
  async hear(member: Member): Promise<StoreEvent[]> {
    const heard: StoreEvent[] = [];
    const over = new AbortController();
    const following = (async () => {
      for await (const event of member.follow(undefined, { signal: over.signal })) heard.push(event);
    })();
    this.later(async () => {
      over.abort();
      await following;
    });
    // The same connection answers in order.
    await member.jobs({ limit: 1 });
    return heard;
  }

  async agrees(jobs: number): Promise<void> {
    expect(await checkInvariants({ ...this.redis, ...patience })).toEqual({ jobs, violations: [] });
  }

  #picture(index: number): Uint8Array {
    return sampleImage('image/png', { bytes: this.#pictureBytes, seed: index });
  }

  async #close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

/** A process of the fleet, and what it has told so far. It ends when nobody holds its standing input any more. */
export class FleetProcess {
  readonly said: Told[] = [];
  /** The code and the signal that it ended with. */
  readonly ended: Promise<unknown[]>;
  readonly #child: ChildProcess;

  constructor(fixture: 'worker' | 'crash' | 'account', facts: Facts) {
    const file = fileURLToPath(new URL(`${fixture}.fixture.ts`, import.meta.url));
    this.#child = spawn(process.execPath, ['--conditions=@imgferry/source', file, JSON.stringify(facts)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.ended = once(this.#child, 'exit');
    this.#child.stdin?.on('error', () => {});
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.said.push(...lines.map((line) => JSON.parse(line) as Told));
      this.#child.emit('told');
    });
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Says a line to it. */
  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** The first thing of a name that it told, also if that was before. Rejects when it ends without it. */
  heard(told: string, fits: (told: Told) => boolean = () => true): Promise<Told> {
    const { promise, resolve, reject } = Promise.withResolvers<Told>();
    const look = (): void => {
      const found = this.said.find((each) => each.told === told && fits(each));
      if (found !== undefined) resolve(found);
    };
    this.#child.on('told', look);
    look();
    void this.ended.then((how) => reject(new Error(`it ended with ${how.join(' ')} and without ${told}`)));
    return promise.finally(() => this.#child.off('told', look));
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

/** Looks again and again until what it sees is as expected. */
export async function eventually<Seen>(
  look: () => Seen | Promise<Seen>,
  expected: Seen,
  withinMs = 10_000,
): Promise<void> {
  const until = performance.now() + withinMs;
  for (let seen = await look(); !isDeepStrictEqual(seen, expected); seen = await look()) {
    if (performance.now() > until) expect(seen).toEqual(expected);
    await sleep(5);
  }
}
