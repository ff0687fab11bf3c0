import { createHash } from 'node:crypto';

import { expect, onTestFinished } from 'vitest';

import {
  type Failure,
  type FailureCode,
  failureCodes,
  type Host,
  type RetryRule,
  silentLogger,
  type Upload,
  Uploader,
  type UploaderOptions,
} from '@imgferry/core';
import { createHttpSource, type HttpSource, type HttpSourceOptions } from '@imgferry/core/http-source';
import { createFakeHost, type FakeHost, sampleImage } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { answerHead, type RawServer, serveRaw } from './raw-server.ts';

/** The most that the host of a scene takes of any type. Two bodies without a length do not fit at once. */
export const CAP_BYTES = 300_000;
/** Bodies above this stream, and those without a length draw on the bytes that can be held. */
export const SMALL_BYTES = 10_000;

const TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/apng', 'image/tiff', 'video/mp4', 'video/webm'];

/** An uploader with one slot, unless more are given, a real source and a host that counts what it is given. */
export class Scene {
  readonly host: FakeHost = createFakeHost({
    limits: { maxBytes: Object.fromEntries(TYPES.map((type) => [type, CAP_BYTES])) },
  });
  readonly source: HttpSource;
  readonly uploader: Uploader;
  /** What was told of each upload when it ended, in order: its path and how it ended. */
  readonly ended: string[] = [];

  constructor(
    source: HttpSourceOptions = {},
    { host = this.host, ...options }: Partial<UploaderOptions> = {},
  ) {
    this.source = createHttpSource({
      allow: ['127.0.0.1'],
      resolve: (_host, _options, answer) => answer(null, [{ address: '127.0.0.1', family: 4 }]),
      hostPauseMs: 1,
      maxHeldBytes: CAP_BYTES,
      smallBytes: SMALL_BYTES,
      ...source,
    });
    const store = new MemoryStore();
    const delays = { retries: 1, retryDelayMs: 1, maxAttempts: 2, attemptDelayMs: 1 };
    const parts = { store, source: this.source, host: host as Host, logger: silentLogger };
    this.uploader = new Uploader({ ...parts, concurrency: 1, ...delays, ...options });
    this.uploader.on('upload:completed', ({ url }) => this.ended.push(`${new URL(url).pathname} complete`));
    this.uploader.on('upload:failed', ({ url, failure }) =>
      this.ended.push(`${new URL(url).pathname} ${failure.code}`),
    );
    onTestFinished(async () => {
      await this.uploader.stop();
      await Promise.all([store.close(), this.source.close()]);
    });
    this.uploader.start();
  }

  /** Runs a job to its end, and answers its uploads. */
  async ferry(urls: readonly string[]): Promise<readonly Upload[]> {
    const { jobId } = await this.uploader.submit(urls);
    await this.uploader.finished(jobId);
    return (await this.uploader.uploads(jobId))?.items ?? [];
  }
}

/** Images that nothing is wrong with, of a host of their own; the second comes without a length and needs all bytes that can be held. */
export interface GoodImages {
  readonly urls: readonly string[];
  readonly digests: readonly string[];
}

export async function serveGoodImages(): Promise<GoodImages> {
  const small = sampleImage('image/png', { bytes: 500, seed: 1 });
  const held = sampleImage('image/jpeg', { bytes: CAP_BYTES, seed: 2 });
  const { port } = await serveRaw((socket, { path }) => {
    const image = path.startsWith('/small') ? small : held;
    socket.write(answerHead('connection: close', ...(image === small ? ['content-length: 500'] : [])));
    socket.end(image);
  });
  const url = `http://good.example:${port}`;
  return { urls: [`${url}/small`, `${url}/held`], digests: [small, held].map(sha256) };
}

/** How often a source is asked for an image that fails so: two attempts of two tries, in a scene. */
const asks: Record<RetryRule, number> = { never: 1, once: 2, soon: 4, later: 2, wait: 0, again: 0, end: 0 };

/** What an image is expected to come to, beside its code. */
export interface ExpectedFailure {
  readonly source?: HttpSourceOptions;
  /** Where the image is, on the server. @default '/bad' */
  readonly path?: string;
  /** How many POSTs begin, which the host never gets to the end of. @default 0 */
  readonly begun?: number;
  /** How many requests one try sends. @default 1 */
  readonly hops?: number;
  /** Tries once and no more, where each try takes its time. */
  readonly once?: boolean;
}

/**
 * Ferries an image that must fail, in front of two good ones and through one slot: it fails with this code, it is
 * asked for as often as the table of failures says, nothing whole of it comes to the host, and it leaves nothing open,
 * no slot taken and no byte held, or the good images could not follow.
 */
export async function expectFailure(
  server: RawServer,
  code: FailureCode,
  { source, path = '/bad', begun = 0, hops = 1, once = false }: ExpectedFailure = {},
): Promise<Failure> {
  // What fails while it is sent has cost a POST, and is tried again in a later attempt.
  const rule = begun === 0 ? failureCodes[code].retry : 'later';
  const asked = hops * (once ? 1 : asks[rule]);
  const scene = new Scene(source, once ? { retries: 0, maxAttempts: 1 } : {});
  const good = await serveGoodImages();
  const [bad, ...others] = await scene.ferry([server.url + path, ...good.urls]);
  expect(bad).toMatchObject({ status: 'failed', link: null, failure: { code } });
  expect(others.map(({ status }) => status)).toEqual(['complete', 'complete']);
  expect(scene.host.uploads.map((upload) => upload.sha256)).toEqual(good.digests);
  expect([scene.host.posts, server.requests.length]).toEqual([good.urls.length + begun, asked]);
  await server.idle();
  return bad?.failure as Failure;
}

/** Ferries an image that is taken as it is, and answers what is recorded of it. */
export async function expectTaken(
  server: RawServer,
  image: Uint8Array,
  { source, path = '/odd' }: Pick<ExpectedFailure, 'source' | 'path'> = {},
): Promise<Upload> {
  const scene = new Scene(source);
  const good = await serveGoodImages();
  const uploads = await scene.ferry([server.url + path, ...good.urls]);
  expect(uploads.map(({ status }) => status)).toEqual(['complete', 'complete', 'complete']);
  expect(scene.host.uploads.map((upload) => upload.sha256)).toEqual([sha256(image), ...good.digests]);
  await scene.source.close();
  await server.idle();
  return uploads[0] as Upload;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
