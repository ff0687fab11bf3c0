import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { describe, expect, it, onTestFinished } from 'vitest';

import { createImgurHost } from '@imgferry/core/imgur-host';
import { type SampleType, sampleImage, startImgurStandIn } from '@imgferry/core/testing';
import { answerHead, type RawServer, serveRaw } from './raw-server.ts';
import { expectFailure, expectTaken, Scene } from './scene.ts';

const png = sampleImage('image/png', { bytes: 2_000 });
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Serves a body with its length, and whatever headers. */
function serveBody(body: Uint8Array, ...headers: readonly string[]): Promise<RawServer> {
  return serveRaw((socket) => {
    socket.write(answerHead('connection: close', `content-length: ${body.length}`, ...headers));
    socket.end(body);
  });
}

const layers = Array.from({ length: 1_000 }, () => 'gzip').join(', ');
const bomb = gzipSync(Buffer.alloc(20_000_000));

describe('a body that is encoded although identity was asked for', () => {
  it.each([
    ['gzip', gzipSync(png)],
    ['a bomb of gzip', bomb, 'gzip'],
    ['br', brotliCompressSync(png)],
    ['deflate', deflateSync(png)],
    ['gzip, gzip', gzipSync(gzipSync(png))],
    ['a thousand layers', png, layers],
    ['zstd', png],
    ['unheard-of', png],
  ])('is refused and never inflated: %s', async (name, body, encoding = name) => {
    const server = await serveBody(body, `content-encoding: ${encoding}`);
    await expectFailure(server, 'encoded_body');
    expect(server.requests[0]?.head).toContain('accept-encoding: identity');
  });

  it.each(['transfer-encoding: gzip, chunked', 'transfer-encoding: gzip'])(
    'is refused when it is so on its way: %s',
    async (header) => {
      const server = await serveRaw(
        (socket) => void socket.end(`${answerHead(header)}5\r\nhello\r\n0\r\n\r\n`),
      );
      await expectFailure(server, 'encoded_body');
    },
  );
});

describe('what the first bytes say', () => {
  it.each(['text/html', 'application/octet-stream', 'image/svg+xml', '', 'image/jpeg; charset=\xff'])(
    'is what it is, whatever the header says: %j',
    async (header) => {
      const server = await serveBody(png, `content-type: ${header}`);
      expect(await expectTaken(server, png)).toMatchObject({ type: 'image/png', bytes: 2_000 });
    },
  );

  it.each([
    ['HTML', '<!doctype html><title>TOP SECRET</title>'],
    ['HTML behind blanks', '\n\t <html><body>TOP SECRET'],
    ['SVG with a script', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    [
      'SVG with an entity',
      '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
    ],
    ['PDF', '%PDF-1.7\n1 0 obj'],
    ['JSON', '{"error":"TOP SECRET"}'],
    ['a program', '\x7fELF\x02\x01\x01'],
    ['a zip with a picture', `PK\x03\x04${'\0'.repeat(26)}\x89PNG\r\n\x1a\n`],
    ['one byte', '\xff'],
    ['a picture behind a blank', ' \x89PNG\r\n\x1a\n'],
  ])('is no image, whatever the header says: %s', async (_, body) => {
    const failure = await expectFailure(
      await serveBody(latin1(body.padEnd(1_000)), 'content-type: image/png'),
      'not_an_image',
    );
    expect(failure.message).toBe('the first bytes are of no image or video');
  });

  it.each([
    ['image/webp', 'RIFF\x20\0\0\0WEBPVP8X'],
    ['image/avif', '\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf'],
    ['image/heic', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['image/bmp', 'BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0'],
    ['image/jxl', '\xff\x0a\xfa\x1f\x41'],
    ['video/x-flv', 'FLV\x01\x05\0\0\0\x09'],
  ])('is named when the host does not take it, without reading on: %s', async (type, start) => {
    const server = await serveRaw((socket) => {
      socket.write(answerHead('content-length: 250000'));
      socket.write(latin1(start.padEnd(5_000, '\0')));
    });
    const failure = await expectFailure(server, 'unsupported_type');
    expect(failure.message).toBe(`the host does not take ${type}`);
  });

  it.each(['image/gif', 'image/jpeg', 'image/png'] as const)(
    'is all that is asked of a picture that is a script as well: %s',
    async (type: SampleType) => {
      const polyglot = Buffer.concat([
        sampleImage(type, { bytes: 1_000 }),
        latin1('*/=1;</script><script>alert(document.domain)</script>'),
      ]);
      expect(await expectTaken(await serveBody(polyglot), polyglot)).toMatchObject({ type });
    },
  );

  it('is a script and no picture when it is made to look like a GIF of absurd dimensions', async () => {
    await expectFailure(await serveBody(latin1('GIF89a/*<svg/onload=alert(1)>*/=1;')), 'dimensions');
  });

  it('is a picture that forbids hot-linking, which nobody can tell from the one that was meant', async () => {
    const picture = sampleImage('image/gif', { bytes: 600, seed: 7 });
    await expectTaken(await serveBody(picture, 'content-type: image/gif'), picture);
  });
});

it.each([
  ['a path', '../../etc/passwd'],
  ['a path of Windows', 'a\\..\\b.exe'],
  ['10,000 characters', `${'a'.repeat(10_000)}.png`],
  ['NUL', 'evil%00.png'],
  ['an order from right to left', '\xe2\x80\xaegnp.exe'],
])('the name that a source gives its file is not the one that the host is told: %s', async (_, name) => {
  const imgur = await startImgurStandIn();
  const host = createImgurHost({ clientId: 'any', apiUrl: imgur.url });
  onTestFinished(async () => void (await Promise.all([host.close(), imgur.close()])));
  const server = await serveBody(
    png,
    `content-disposition: attachment; filename="${name}"; filename*=UTF-8''x`,
  );
  const scene = new Scene({ maxHeldBytes: 2 ** 28 }, { host });
  const [upload] = await scene.ferry([`${server.url}/${encodeURIComponent(name).slice(0, 100)}`]);
  expect(upload).toMatchObject({ status: 'complete' });
  expect(imgur.images).toMatchObject([{ filename: 'image.png', bytes: png.length }]);
});
