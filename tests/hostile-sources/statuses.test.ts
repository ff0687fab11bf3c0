import { describe, expect, it } from 'vitest';

import { sampleImage } from '@imgferry/core/testing';
import { type RawServer, serveRaw } from './raw-server.ts';
import { expectFailure, expectTaken, Scene, serveGoodImages } from './scene.ts';

const png = sampleImage('image/png', { bytes: 2_000 });

/** Answers with a status and a whole image. */
function serveStatus(status: number, ...headers: readonly string[]): Promise<RawServer> {
  const lines = [`HTTP/1.1 ${status} So`, 'connection: close', `content-length: ${png.length}`, ...headers];
  return serveRaw((socket) => {
    socket.write([...lines, '', ''].join('\r\n'));
    socket.end(png);
  });
}

describe('a status', () => {
  it.each([
    400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423,
    426, 428, 431, 451, 499,
  ])('%i fails for good, whatever comes with it', async (status) => {
    const failure = await expectFailure(await serveStatus(status, 'retry-after: 1'), 'source_status');
    expect(failure.message).toBe(`the source answered with status ${status}`);
  });

  it.each([408, 425, 429, 500, 501, 502, 503, 504, 507, 511, 520, 530, 599])(
    '%i passes: it is tried again',
    async (status) => {
      await expectFailure(await serveStatus(status), 'source_unavailable');
    },
  );

  it.each([206, 300, 304, 305, 306, 399])('%i that was not asked for is no whole image', async (status) => {
    await expectFailure(await serveStatus(status, 'content-range: bytes 0-1999/4000'), 'source_status');
  });

  it.each([
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['205', 'HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n'],
    ['200 with a length of 0', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['200 without chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['200 and the end', 'HTTP/1.1 200 OK\r\n\r\n'],
  ])('of an empty answer fails for good: %s', async (_, answer) => {
    await expectFailure(await serveRaw((socket) => void socket.end(answer)), 'empty_body');
  });

  it.each([200, 201, 202, 203, 208, 226])('%i with an image is an image', async (status) => {
    await expectTaken(await serveStatus(status), png);
  });
});

describe('a status that passes may say when', () => {
  const hour = 3_600_000;
  it.each([
    ['3', 3_000, 3_000],
    ['20', 20_000, 20_000],
    ['86400', hour, hour],
    ['999999999999', hour, hour],
    ['Fri, 01 Jan 2100 00:00:00 GMT', hour, hour],
    // What can not be granted or read is a retry as any other.
    ['0', 0, 1],
    ['-5', 0, 1],
    ['1.5', 0, 1],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0, 1],
    ['tomorrow', 0, 1],
    ['', 0, 1],
    [`${'9'.repeat(500)}`, 0, 1],
  ])('Retry-After: %s', async (header, leastMs, mostMs) => {
    const server = await serveStatus(503, `retry-after: ${header}`);
    const scene = new Scene();
    const good = await serveGoodImages();
    const retried = new Promise<{ readonly delayMs: number; readonly where: string }>((resolve) =>
      scene.uploader.once('upload:retried', resolve),
    );
    const { jobId } = await scene.uploader.submit([`${server.url}/bad`, ...good.urls]);
    const { delayMs, where } = await retried;
    expect(delayMs).toBeGreaterThanOrEqual(leastMs);
    expect(delayMs).toBeLessThanOrEqual(mostMs + 1);
    expect(where).toBe(leastMs > 0 ? 'queue' : 'attempt');
    // A long wait takes no slot: the good images come through the only one meanwhile.
    while (scene.ended.filter((end) => end.endsWith('complete')).length < 2)
      await new Promise((resolve) => scene.uploader.once('upload:completed', resolve));
    if (leastMs > 0) expect(await scene.uploader.job(jobId)).toMatchObject({ complete: 2, waiting: 1 });
    await scene.uploader.cancel(jobId);
    await server.idle();
  });
});
