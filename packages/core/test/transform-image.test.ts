import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import type { ImageToTransform, ImageTransform, TransformOptions } from '../src/image-transform.ts';
import type { Logger } from '../src/logger.ts';
import { silentLogger } from '../src/logger.ts';
import { type ResolvedOptions, resolveOptions } from '../src/options.ts';
import type { OpenOptions, SourceImage } from '../src/source.ts';
import {
  aLease,
  createFakeHost,
  createFakeSource,
  type FakePicture,
  ScriptedStore,
  sampleImage,
} from '../src/testing/index.ts';
import { type TransferResult, transfer } from '../src/transfer.ts';
import { TransferError } from '../src/transfer-error.ts';
import { transformImage } from '../src/transform-image.ts';

const lease = aLease({ url: 'https://pictures.example/a.webp?signature=canary' });
const webp = sampleImage('image/webp', { bytes: 3_000 });
const png = sampleImage('image/png', { bytes: 2_000 });
const made = { type: 'image/png', body: png };
const limits = { maxBytes: { 'image/png': 10_000, 'image/gif': 20_000 } };

type Transform = ImageTransform['transform'];

interface Setting {
  readonly picture?: FakePicture;
  readonly transform?: Transform;
  readonly maxBytes?: Readonly<Record<string, number>>;
  readonly timeoutMs?: number;
}

class Bench {
  readonly source = createFakeSource();
  readonly host = createFakeHost({ limits });
  readonly options: ResolvedOptions;
  readonly given: (ImageToTransform & TransformOptions)[] = [];
  readonly opened: OpenOptions[] = [];
  readonly logged: object[] = [];
  readonly progress: number[] = [];
  readonly abort = new AbortController();
  readonly retried: string[] = [];
  readonly watcher = {
    onProgress: (sent: number) => void this.progress.push(sent),
    onRetry: ({ message }: { readonly message: string }) => void this.retried.push(message),
  };

  constructor(setting: Setting = {}) {
    const { picture = webp, transform = async () => made, timeoutMs = 10_000 } = setting;
    this.source.set(lease.url, picture);
    const { open } = this.source;
    this.source.open = (url, options) => {
      this.opened.push(options);
      return open.call(this.source, url, options);
    };
    const logger: Logger = { ...silentLogger, warn: (facts) => void this.logged.push(facts) };
    this.options = resolveOptions({
      source: this.source,
      host: this.host,
      store: new ScriptedStore({}),
      retryDelayMs: 0,
      progressMs: 0,
      logger,
      transform: {
        maxBytes: setting.maxBytes ?? { 'image/webp': 5_000 },
        timeoutMs,
        transform: (image, options) => {
          this.given.push({ ...image, ...options });
          return transform(image, options);
        },
      },
    });
  }

  async run(options: Partial<ResolvedOptions> = {}): Promise<TransferResult> {
    const result = await transfer(lease, { ...this.options, ...options }, this.watcher, this.abort.signal);
    expect(this.source.live).toBe(0);
    return result;
  }

  /** A transfer with another source, of which every image has to be disposed of. */
  async runWith(
    image: Partial<SourceImage>,
    options: Partial<ResolvedOptions> = {},
  ): Promise<TransferResult> {
    let live = 0;
    const open = async (): Promise<SourceImage> => {
      live += 1;
      const dispose = (): void => {
        live = 0;
      };
      return { type: 'image/webp', bytes: webp.length, body: [webp], ...image, dispose };
    };
    const result = await this.run({ ...options, source: { open } });
    expect(live).toBe(0);
    return result;
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const failedWith = (code: string, message: unknown = expect.any(String)): unknown => ({
  status: 'settled',
  outcome: { status: 'failed', failure: { code, message } },
  posts: 0,
  possiblyDuplicated: false,
  readings: [],
});

describe('a transform', () => {
  it('is given the images of the types that it lists, and what it makes is uploaded and recorded', async () => {
    const bench = new Bench({ transform: async () => ({ ...made, width: 7, height: 8 }) });
    expect(await bench.run()).toMatchObject({
      outcome: { status: 'complete', bytes: png.length, type: 'image/png', width: 7, height: 8 },
      posts: 1,
    });
    expect(bench.host.uploads).toMatchObject([{ sha256: sha256(png), bytes: png.length, type: 'image/png' }]);
  });

  it('is given the whole image, alone in its buffer, what is known of it, and what the host takes', async () => {
    for (const stream of [false, true]) {
      const bench = new Bench({ picture: { bytes: webp, chunks: 3, stream } });
      await bench.run();
      const [given] = bench.given;
      expect(given).toMatchObject({ url: lease.url, jobId: lease.jobId, type: 'image/webp', limits });
      expect(sha256(given?.bytes ?? png)).toBe(sha256(webp));
      expect(given?.bytes.buffer.byteLength).toBe(webp.length);
    }
  });

  it('is told the dimensions that the source told', async () => {
    const bench = new Bench();
    await bench.runWith({ width: 3, height: 4 });
    expect(bench.given).toMatchObject([{ width: 3, height: 4 }]);
  });

  it('never sees an image of another type, which streams as it came', async () => {
    const bench = new Bench({ picture: { bytes: png, chunks: 3, stream: true } });
    const { signal } = bench.abort;
    const image = await bench.source.open(lease.url, { limits, signal });
    const { transform } = bench.options;
    if (transform === undefined) throw new Error('there is no transform');
    expect(await transformImage(image, transform, { lease, options: bench.options, signal })).toBe(image);
    image.dispose();
    expect(await bench.run()).toMatchObject({ outcome: { bytes: png.length, type: 'image/png' } });
    expect(bench.given).toEqual([]);
  });

  it('widens what the source may open by what it takes, also of a type that the host takes', async () => {
    const bench = new Bench({ maxBytes: { 'image/webp': 5_000, 'image/gif': 90_000 } });
    await bench.run();
    expect(bench.opened[0]?.limits).toEqual({
      maxBytes: { 'image/png': 10_000, 'image/gif': 90_000, 'image/webp': 5_000 },
    });
    expect(bench.host.limits).toBe(limits);
  });

  it('is what an image of a type that the host does not take needs', async () => {
    const bench = new Bench();
    expect(await bench.run({ transform: undefined })).toEqual(failedWith('unsupported_type'));
    expect(bench.opened[0]?.limits).toBe(limits);
  });

  it('may make a smaller image of one that is too large for the host', async () => {
    const picture = sampleImage('image/gif', { bytes: 30_000 });
    const bench = new Bench({ picture, maxBytes: { 'image/gif': 30_000 } });
    expect(await bench.run()).toMatchObject({ outcome: { status: 'complete', bytes: png.length } });
  });

  it('may make one of fewer pixels of one that has more than the host takes', async () => {
    const host = createFakeHost({ limits: { ...limits, maxPixels: 12 } });
    const bench = new Bench({ transform: async () => ({ ...made, width: 4, height: 3 }) });
    expect(await bench.runWith({ width: 400, height: 300 }, { host })).toMatchObject({
      outcome: { status: 'complete', width: 4, height: 3 },
    });
  });

  it('leaves the pixels that the host takes to hold for images that pass it by', async () => {
    const host = createFakeHost({ limits: { ...limits, maxPixels: 12 } });
    const passing = { type: 'image/png', bytes: png.length, body: [png] };
    const message = 'the image has 13 × 1 pixels; 12 in all are the most that fake takes';
    expect(await new Bench().runWith({ ...passing, width: 13, height: 1 }, { host })).toEqual(
      failedWith('dimensions', message),
    );
    expect(host.posts).toBe(0);
  });

  it('makes an image that leaves in pieces, as one of a source does', async () => {
    const body = sampleImage('image/png', { bytes: 200_000 });
    const bench = new Bench({ transform: async () => ({ ...made, body }) });
    const host = createFakeHost();
    await bench.run({ host });
    expect(bench.progress).toEqual([65_536, 131_072, 196_608, 200_000]);
    expect(host.uploads).toMatchObject([{ sha256: sha256(body) }]);
  });

  it('runs once in an attempt, however often the host is tried', async () => {
    const bench = new Bench({ picture: { bytes: webp, stream: true } });
    bench.host.next(new TransferError('host_unavailable', 'busy'), { times: 2 });
    expect(await bench.run()).toMatchObject({ outcome: { status: 'complete' }, posts: 3 });
    expect(bench.given).toHaveLength(1);
    expect(bench.opened).toHaveLength(1);
  });

  it('runs when the image has been read and disposed of', async () => {
    for (const stream of [false, true]) {
      let live: number | undefined;
      const bench = new Bench({
        picture: { bytes: webp, stream },
        transform: async () => {
          live = bench.source.live;
          return made;
        },
      });
      await bench.run();
      expect(live).toBe(0);
    }
  });
});

describe('what a transform made', () => {
  it.each([
    [
      'of a type that the host does not take',
      { type: 'image/webp', body: webp },
      'unsupported_type',
      'the transform made image/webp of the image, which fake does not take',
    ],
    [
      'of a type that every object has',
      { type: 'constructor', body: png },
      'unsupported_type',
      'the transform made constructor of the image, which fake does not take',
    ],
    [
      'larger than the host takes',
      { type: 'image/png', body: new Uint8Array(10_001) },
      'too_large',
      'the transform made 10001 bytes of the image; 10000 bytes of image/png are the most that fake takes',
    ],
    [
      'and is empty',
      { type: 'image/png', body: new Uint8Array() },
      'transform_failed',
      'the transform made no image',
    ],
    [
      'and is no bytes',
      { type: 'image/png', body: 'text' },
      'transform_failed',
      'the transform made no image',
    ],
    ['without a type', { body: png }, 'transform_failed', 'the transform made no image'],
    ['and is nothing', undefined, 'transform_failed', 'the transform made no image'],
  ])('%s fails the upload before anything is sent', async (_what, result, code, message) => {
    const bench = new Bench({ transform: async () => result as never });
    expect(await bench.run()).toEqual(failedWith(code, message));
    expect(bench.given).toHaveLength(1);
    expect(bench.host.posts).toBe(0);
  });

  it('may have as many pixels as the host takes, as far as it tells', async () => {
    const host = createFakeHost({ limits: { ...limits, maxPixels: 12 } });
    const run = (size: object) => new Bench({ transform: async () => ({ ...made, ...size }) }).run({ host });
    for (const size of [{ width: 4, height: 3 }, { width: 13 }, {}])
      expect(await run(size)).toMatchObject({ outcome: { status: 'complete' } });
    const message = 'the image has 13 × 1 pixels; 12 in all are the most that fake takes';
    expect(await run({ width: 13, height: 1 })).toEqual(failedWith('dimensions', message));
    expect(host.posts).toBe(3);
  });

  it('is taken from another realm, and dimensions that are none are left out', async () => {
    const body = Buffer.from(png);
    const transform = async () => ({ type: 'image/png', body, width: Number.NaN, height: -1 });
    const result = await new Bench({ transform }).run();
    expect(result).toHaveProperty('outcome', {
      ...{ status: 'complete', link: 'https://img.example/1', deleteHash: 'delete-1' },
      ...{ bytes: png.length, type: 'image/png' },
    });
  });

  it('tells less of its dimensions than the reply of the host', async () => {
    const bench = new Bench({ transform: async () => ({ ...made, width: 7, height: 8 }) });
    bench.host.always({ width: 70, height: 80 });
    expect(await bench.run()).toMatchObject({ outcome: { width: 70, height: 80 } });
  });
});

describe('a transform that throws', () => {
  it.each([
    ['rejects', async () => Promise.reject(new RangeError('canary /srv/secret'))],
    [
      'throws at once',
      (): never => {
        throw new RangeError('canary /srv/secret');
      },
    ],
  ])('fails the upload for good, and what it says goes to the log alone: it %s', async (_how, transform) => {
    const bench = new Bench({ transform });
    const result = await bench.run();
    expect(result).toEqual(
      failedWith('transform_failed', 'the transform failed on this image/webp; the log has the reason'),
    );
    expect(bench.given).toHaveLength(1);
    expect(bench.logged).toEqual([
      {
        err: expect.objectContaining({ message: 'canary /srv/secret' }),
        jobId: lease.jobId,
        index: lease.index,
        url: 'https://pictures.example/a.webp?…',
        type: 'image/webp',
      },
    ]);
  });

  it('a TransferError says itself what is done, and nothing of a POST', async () => {
    const told = { retry: 'soon', notSent: true, possiblyStored: true } as const;
    const errors = [new TransferError('transform_failed', `busy\n${'x'.repeat(300)}`, told)];
    const bench = new Bench({
      transform: async () => {
        const error = errors.shift();
        if (error !== undefined) throw error;
        return made;
      },
    });
    const result = await bench.run();
    expect(result).toMatchObject({ outcome: { status: 'complete' }, posts: 1, possiblyDuplicated: false });
    expect(bench.opened).toHaveLength(2);
    expect(bench.retried).toEqual([`busy ${'x'.repeat(194)}…`]);
    expect(bench.logged).toEqual([]);
  });

  it('a TransferError may send the upload back for as long as it says', async () => {
    const error = new TransferError('transform_failed', 'the converter restarts', {
      retry: 'later',
      retryAfterMs: 60_000,
    });
    const bench = new Bench({ transform: async () => Promise.reject(error) });
    expect(await bench.run()).toMatchObject({
      status: 'again',
      delayMs: 60_000,
      countAttempt: true,
      posts: 0,
    });
  });
});

describe('a transform that goes on', () => {
  const never = new Promise<never>(() => {});
  const obey = (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped in the middle')));
    });

  it.each([
    ['obeys', obey],
    ['does not', () => never],
  ])('is not waited for when the upload is no longer wanted, when it %s', async (_what, goOn) => {
    const begun = Promise.withResolvers<AbortSignal>();
    const bench = new Bench({
      transform: (_image, { signal }) => {
        begun.resolve(signal);
        return goOn(signal);
      },
    });
    const running = bench.run();
    const signal = await begun.promise;
    const reason = new Error('drain');
    bench.abort.abort(reason);
    expect(await running).toMatchObject({ status: 'aborted', reason, posts: 0, possiblyDuplicated: false });
    expect(signal.reason).toBe(reason);
    expect(bench.logged).toEqual([]);
  });

  it('may still fail when nobody waits for it', async () => {
    const late = Promise.withResolvers<never>();
    const bench = new Bench({ transform: () => late.promise, timeoutMs: 1 });
    await bench.run();
    // An unhandled rejection fails the run of the tests.
    late.reject(new Error('too late'));
    await new Promise(setImmediate);
  });

  it('is given up after its time, and the upload fails', async () => {
    for (const goOn of [obey, () => never]) {
      const bench = new Bench({ timeoutMs: 20, transform: (_image, { signal }) => goOn(signal) });
      expect(await bench.run()).toEqual(
        failedWith('transform_failed', 'the transform took longer than 20 ms'),
      );
      expect(bench.given).toMatchObject([{ signal: { aborted: true } }]);
    }
  });

  it('hears nothing more once it has ended, neither of its time nor of the lease', async () => {
    const bench = new Bench({ timeoutMs: 20 });
    const hold = bench.host.hold();
    const running = bench.run();
    await hold.waitFor(1);
    await sleep(40);
    bench.abort.abort(new Error('drain'));
    expect(await running).toMatchObject({ status: 'aborted' });
    expect(bench.given).toMatchObject([{ signal: { aborted: false } }]);
  });
});

describe('an image that a transform would take', () => {
  it('and that breaks off is a failure of the source, and comes to no transform', async () => {
    const breaksWith = new TransferError('truncated', 'the source ended the image early');
    const bench = new Bench({ picture: { bytes: webp, chunks: 3, stream: true, breaksWith } });
    expect(await bench.run()).toMatchObject({ status: 'again', failure: { code: 'truncated' } });
    expect(bench.opened).toHaveLength(3);
    expect(bench.given).toEqual([]);
  });

  it.each([
    ['of which too little came', { bytes: 3_001 }, 'truncated', 'the image ended after 3000 of 3001 bytes'],
    ['of which more came than was told', { bytes: 2_999 }, 'internal_error', expect.any(String)],
    ['that has no size', { bytes: Number.NaN }, 'internal_error', expect.any(String)],
  ])('%s comes to no transform', async (_what, image, code, message) => {
    const bench = new Bench();
    expect(await bench.runWith(image)).toMatchObject({ status: 'again', failure: { code, message } });
    expect(bench.given).toEqual([]);
  });

  it('and is larger than it takes is not read, whatever its source let through', async () => {
    const bench = new Bench();
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => expect.fail('the image was read'),
    };
    expect(await bench.runWith({ bytes: 5_001, body })).toEqual(
      failedWith('too_large', 'the image has 5001 bytes; 5000 bytes are the most that are transformed'),
    );
  });
});
