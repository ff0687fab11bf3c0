import type { IncomingMessage, ServerResponse } from 'node:http';

import { describe, expect, it } from 'vitest';

import type { TransferError } from '../../src/transfer-error.ts';
import { answer, bodyOf, failureOf, hangUp, hostFor, never, serve, streamedImage } from './imgur-server.ts';
import { shape1 } from './reply-context.ts';

type End = (request: IncomingMessage, response: ServerResponse) => void;

const page =
  (status: number): End =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>no</html>');

/** A host that gives up on a request when the test says so, a source that keeps it waiting, and a clock for both. */
async function aScene(end: End) {
  const clock = { ms: 0 };
  let arrived: (request: IncomingMessage) => void = () => {};
  let giveUp = (): void => {};
  let first = new Promise<IncomingMessage>(() => {});
  const { url } = await serve((request, response) => {
    request.on('error', () => {}).resume();
    giveUp = () => end(request, response);
    arrived(request);
  });
  const host = hostFor(url, { now: () => clock.ms });

  async function* source(waitsMs: readonly number[], settled: Promise<void>): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(10);
    await first;
    for (const [index, waitMs] of waitsMs.entries()) {
      clock.ms += waitMs;
      if (index === waitsMs.length - 1) break;
      yield Buffer.alloc(10);
    }
    giveUp();
    await settled;
  }
  const failure = (waitsMs: readonly number[], bytes = 1_000): Promise<TransferError> => {
    first = new Promise((resolve) => {
      arrived = resolve;
    });
    const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
    const image = streamedImage(source(waitsMs, settled), bytes);
    return failureOf(host.upload(image, { signal: never })).finally(settle);
  };
  return { failure };
}

describe('a source that keeps the host waiting until it gives up', () => {
  it.each<readonly [what: string, end: End, waitsMs: readonly number[]]>([
    ['with 408', page(408), [2_000]],
    ['by cutting the connection', hangUp, [2_000]],
    ['with a gateway that lost patience', page(504), [2_000]],
    ['with a page of an edge server', page(503), [2_000]],
    ['after many short waits', page(408), [400, 400, 400]],
    ['in many short waits, by cutting the connection', hangUp, [400, 400, 400]],
  ])('is at fault, %s, and nothing is stored', async (_what, end, waitsMs) => {
    const { failure } = await aScene(end);
    const error = await failure(waitsMs);
    expect(error).toMatchObject({ code: 'source_timeout', retry: 'later', possiblyStored: false });
    expect(error.notSent).toBe(false);
  });

  it.each([
    ['408', page(408)],
    ['a cut', hangUp],
  ])('pauses nothing, with however many images and %s', async (_what, end) => {
    const { failure } = await aScene(end);
    for (let image = 0; image < 5; image++)
      expect((await failure([2_000], 1_000 + image)).reading).toBeUndefined();
  });

  it.each<readonly [what: string, end: End, waitMs: number, code: string]>([
    ['408 that comes at once', page(408), 500, 'host_unavailable'],
    ['a cut that comes at once', hangUp, 500, 'host_unavailable'],
    [
      'a word of its own capacity',
      (_request, response) => answer(response, 503, shape1(503, 'Imgur is over capacity')),
      2_000,
      'host_overloaded',
    ],
    [
      'a word of the image',
      (_request, response) => answer(response, 400, shape1(400, 'File type invalid')),
      2_000,
      'host_rejected',
    ],
  ])('is not at fault for %s', async (_what, end, waitMs, code) => {
    const { failure } = await aScene(end);
    expect(await failure([waitMs])).toMatchObject({ code });
  });

  it('is at fault for 408 although it gave the rest in the last moment', async () => {
    const clock = { ms: 0 };
    const { url } = await serve(async (request, response) => {
      await bodyOf(request);
      answer(response, 408, {});
    });
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(5);
      clock.ms += 2_000;
      yield Buffer.alloc(5);
    }
    const host = hostFor(url, { now: () => clock.ms });
    const error = await failureOf(host.upload(streamedImage(source(), 10), { signal: never }));
    expect(error).toMatchObject({ code: 'source_timeout', retry: 'later' });
  });

  it('is not at fault for a host that takes nothing of what comes afterwards', async () => {
    const clock = { ms: 0 };
    const { url } = await serve((request) => void request.on('error', () => {}));
    async function* source(): AsyncGenerator<Uint8Array> {
      clock.ms += 2_000;
      for (;;) yield Buffer.alloc(1024 * 1024);
    }
    const host = hostFor(url, { now: () => clock.ms, idleTimeoutMs: 50 });
    const image = streamedImage(source(), 100 * 1024 * 1024);
    const error = await failureOf(host.upload(image, { signal: never }));
    expect(error).toMatchObject({ code: 'host_unavailable' });
    expect(error.message).toContain('took nothing of the request');
  });
});
