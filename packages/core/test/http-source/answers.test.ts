import { brotliCompressSync, gzipSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { gifOf, jpegOf, mp4Of, pngOf } from './images.ts';
import { bytesOf, failureOf, open, serve, serveRaw, sourceOf } from './loopback.ts';

const png = pngOf();

describe('a status', () => {
  test.each([400, 401, 402, 403, 404, 405, 406, 410, 416, 418, 422, 451, 499])(
    '%i fails for good',
    async (status) => {
      const server = await serve((_, response) =>
        response.writeHead(status, { 'retry-after': '5' }).end(png),
      );
      const failure = await failureOf(open(sourceOf(), server.url));
      expect([failure.code, failure.retry, failure.retryAfterMs]).toEqual([
        'source_status',
        'never',
        undefined,
      ]);
      expect(failure.message).toBe(`the source answered with status ${status}`);
    },
  );

  test.each([
    ...[408, 425, 500, 502, 504, 520, 599].map((status) => [status, undefined] as const),
    // For as long its host is left alone.
    [429, 1_000] as const,
    [503, 1_000] as const,
  ])('%i passes', async (status, waitMs) => {
    const server = await serve((_, response) => response.writeHead(status).end(png));
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.retry, failure.retryAfterMs]).toEqual([
      'source_unavailable',
      'soon',
      waitMs,
    ]);
  });

  test.each([
    ['0', 0],
    ['7', 7_000],
    ['86400', 3_600_000],
    [new Date(0).toUTCString(), 0],
    ['Fri, 01 Jan 2100 00:00:00 GMT', 3_600_000],
    ['-5', undefined],
    ['later', undefined],
  ])('of those that pass may say when: %s', async (header, waitMs) => {
    const server = await serve((_, response) => response.writeHead(500, { 'retry-after': header }).end());
    const failure = await failureOf(open(sourceOf(), server.url));
    // A slot waits for no more than 2 s of it.
    const retry = (waitMs ?? 0) > 2_000 ? 'later' : 'soon';
    expect([failure.retryAfterMs, failure.retry]).toEqual([waitMs, retry]);
  });

  test('of those that pass may say when by a date', async () => {
    const at = new Date(Date.now() + 60_000).toUTCString();
    const server = await serve((_, response) => response.writeHead(429, { 'retry-after': at }).end());
    const { retryAfterMs = 0 } = await failureOf(open(sourceOf(), server.url));
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test.each([
    [204, 'empty_body'],
    [205, 'empty_body'],
    [206, 'source_status'],
    [304, 'source_status'],
  ])('%i holds no image', async (status, code) => {
    const server = await serve((_, response) => response.writeHead(status).end());
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.retry]).toEqual([code, 'never']);
  });

  test('206 that nobody asked for is a part of an image, and none', async () => {
    const server = await serve((_, response) =>
      response.writeHead(206, { 'content-range': 'bytes 0-99/200' }).end(png),
    );
    expect((await failureOf(open(sourceOf(), server.url))).code).toBe('source_status');
  });

  test.each([200, 203])('%i holds an image', async (status) => {
    const server = await serve((_, response) => response.writeHead(status).end(png));
    expect(await bytesOf(await open(sourceOf(), server.url))).toEqual(png);
  });
});

describe('a body', () => {
  test.each([
    ['with a length of 0', 'content-length: 0\r\n\r\n'],
    ['chunked', 'transfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['until the end', '\r\n'],
  ])('of no bytes is empty: %s', async (_, rest) => {
    const server = await serveRaw((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`));
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.message]).toEqual(['empty_body', 'the source answered 200 without a body']);
  });

  test.each([
    ['gzip', gzipSync(png)],
    ['br', brotliCompressSync(png)],
    ['deflate, gzip', png],
    ['GZIP', png],
    ['identity, gzip', png],
    ['aws-chunked', png],
    [Array.from({ length: 500 }, () => 'gzip').join(', '), png],
  ])('that is encoded is not taken: %s', async (encoding, body) => {
    const server = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(body),
    );
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.retry]).toEqual(['encoded_body', 'never']);
  });

  test('that is encoded on its way is not taken', async () => {
    const server = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
    );
    expect((await failureOf(open(sourceOf(), server.url))).code).toBe('encoded_body');
  });

  test.each(['identity', 'Identity', '', ' '])('may be encoded as identity: %j', async (encoding) => {
    const server = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(png),
    );
    expect((await open(sourceOf(), server.url)).type).toBe('image/png');
  });

  test.each([
    ['image/png', 'text/html', png],
    ['image/jpeg', 'application/pdf', jpegOf()],
    ['image/gif', 'image/png', gifOf()],
    ['video/mp4', '', mp4Of(500)],
  ])('is what its first bytes say: %s that calls itself %s', async (type, header, body) => {
    const server = await serve((_, response) =>
      response.writeHead(200, { 'content-type': header }).end(body),
    );
    const image = await open(sourceOf(), server.url);
    expect([image.type, image.bytes]).toEqual([type, body.length]);
    expect(await bytesOf(image)).toEqual(body);
  });

  test.each([
    ['HTML', '<!doctype html><title>secret</title>'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['PDF', '%PDF-1.7'],
    ['one byte', 'x'],
  ])('is no image whatever it calls itself: %s', async (_, body) => {
    const server = await serve((__, response) =>
      response.writeHead(200, { 'content-type': 'image/png' }).end(body),
    );
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.retry]).toEqual(['not_an_image', 'never']);
    expect(failure.message).toBe('the first bytes are of no image or video');
  });

  test('of a type that the host does not take is told by its name', async () => {
    const server = await serve((_, response) =>
      response.end(Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1')),
    );
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.message]).toEqual([
      'unsupported_type',
      'the host does not take image/webp',
    ]);
  });
});

describe('an answer', () => {
  const malformed: readonly (readonly [string, string, string])[] = [
    ['garbage', 'SSH-2.0-OpenSSH_9.6\r\n', 'bad_response'],
    ['HTTP/0.9', '<html>old</html>', 'bad_response'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello', 'bad_response'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'bad_response',
    ],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: 0x10\r\n\r\nhello', 'bad_response'],
    ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nhello', 'bad_response'],
    ['NUL in a header', 'HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n', 'bad_response'],
    [
      'a chunk size that is no number',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
      'bad_response',
    ],
    ['one header of 64 KiB', `HTTP/1.1 200 OK\r\na: ${'b'.repeat(65_536)}\r\n\r\n`, 'bad_response'],
    ['ten thousand headers', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(10_000)}\r\n`, 'bad_response'],
    ['103 without end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100), 'bad_response'],
    ['half a header', 'HTTP/1.1 200 OK\r\ncontent-le', 'source_unreachable'],
    ['nothing', '', 'source_unreachable'],
  ];

  test.each(malformed)('of %s fails, and may be right another time', async (_, text, code) => {
    const server = await serveRaw((socket) => socket.end(text, 'latin1'));
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.retry]).toEqual([code, 'soon']);
    expect(failure.message.length).toBeLessThan(200);
  });

  test('that is no HTTP leaves no bytes of it in the error', async () => {
    const server = await serveRaw((socket) => socket.end('TOP SECRET BANNER\r\n'));
    const failure = await failureOf(open(sourceOf(), server.url));
    expect(failure.cause).toBeUndefined();
  });

  test('that never comes because the connection is reset is unreachable', async () => {
    const server = await serveRaw((socket) => socket.resetAndDestroy());
    expect((await failureOf(open(sourceOf(), server.url))).code).toBe('source_unreachable');
  });

  test('with a few provisional ones before it is read', async () => {
    const head = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(3);
    const server = await serveRaw((socket) => {
      socket.write(`${head}HTTP/1.1 200 OK\r\ncontent-length: ${png.length}\r\n\r\n`);
      socket.end(png);
    });
    expect(await bytesOf(await open(sourceOf(), server.url))).toEqual(png);
  });

  test('followed by another that nobody asked for does not reach the next request', async () => {
    const answer = Buffer.concat([
      Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${png.length}\r\n\r\n`),
      png,
    ]);
    const server = await serveRaw((socket) => {
      socket.write(answer);
      socket.write('HTTP/1.1 302 Found\r\nlocation: /evil\r\ncontent-length: 0\r\n\r\n');
    });
    const source = sourceOf();
    for (let count = 0; count < 3; count += 1)
      expect(await bytesOf(await open(source, server.url))).toEqual(png);
  });

  test('says nothing of the query of the URL when it fails', async () => {
    const server = await serve((_, response) => response.writeHead(404).end());
    const failure = await failureOf(open(sourceOf(), `${server.url}/a.png?signature=secret`));
    expect(JSON.stringify(failure) + failure.message).not.toContain('secret');
  });
});
