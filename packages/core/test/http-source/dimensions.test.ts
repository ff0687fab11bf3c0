import { describe, expect, test } from 'vitest';

import { jpegFrame, jpegOf, jpegSegment, pngOf } from './images.ts';
import { failureOf, limits, open, serve, serveRaw, sourceOf } from './loopback.ts';

const start = Buffer.from('ffd8', 'hex');

function pngSized(width: number, height: number): Buffer {
  const png = pngOf(2_000);
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  return png;
}

/** A JPEG of 600,000 bytes, whose frame header comes behind a profile of so many segments. */
function jpegBehind(segments: number): Buffer {
  const profile = Array.from({ length: segments }, () => jpegSegment(0xe2, Buffer.alloc(65_533)));
  const head = Buffer.concat([start, ...profile, jpegFrame(640, 480)]);
  return Buffer.concat([head, Buffer.alloc(600_000 - head.length, 1)]);
}

async function urlOf(body: Buffer): Promise<string> {
  return (await serve((_, response) => response.setHeader('content-length', body.length).end(body))).url;
}

describe('the dimensions of an image', () => {
  test('are told with it, as its header has them', async () => {
    expect(await open(sourceOf(), await urlOf(pngSized(640, 480)))).toMatchObject({
      width: 640,
      height: 480,
    });
    expect(await open(sourceOf(), await urlOf(jpegBehind(3)))).toMatchObject({ width: 640, height: 480 });
  });

  test('are told of a body without a length as well', async () => {
    const body = Buffer.concat([start, jpegSegment(0xe2, Buffer.alloc(60_000)), jpegOf().subarray(2)]);
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.end(body);
    });
    expect(await open(sourceOf(), server.url)).toMatchObject({ width: 1, height: 1, bytes: body.length });
  });

  test('are not looked for behind the small bytes', async () => {
    const image = await open(sourceOf(), await urlOf(jpegBehind(5)));
    expect(Object.keys(image)).not.toContain('width');
    expect(image.bytes).toBe(600_000);
  });
});

describe('an image of few bytes', () => {
  test.each([
    ['40,000 × 40,000', 40_000, 40_000],
    ['a pixel high and 2^31 wide', 2 ** 31, 1],
    ['one row more than 16,383 squared', 16_383, 16_384],
    ['no pixels', 0, 100],
  ])('and %s is refused for good, by its header', async (_, width, height) => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n');
      socket.write(pngSized(width, height).subarray(0, 33));
      socket.write(Buffer.alloc(5_000));
    });
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.retry, failure.message]).toEqual([
      'dimensions',
      'never',
      `the image says that it has ${width} × ${height} pixels; 268402689 in all are the most that are taken`,
    ]);
    await server.idle();
  });

  test('and as many pixels as are taken is taken', async () =>
    expect(await open(sourceOf(), await urlOf(pngSized(16_383, 16_383)))).toMatchObject({ width: 16_383 }));

  test('is held to what the source takes, and to what the host takes', async () => {
    const url = await urlOf(pngSized(100, 100));
    expect((await failureOf(open(sourceOf({ maxPixels: 9_999 }), url))).code).toBe('dimensions');
    const source = sourceOf({ maxPixels: 10_000 });
    const asked = { limits: { ...limits, maxPixels: 9_999 } };
    expect((await failureOf(open(source, url, asked))).message).toContain('9999 in all');
    expect((await open(source, url)).type).toBe('image/png');
  });
});
