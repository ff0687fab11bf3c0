import { once } from 'node:events';

import { describe, expect, it } from 'vitest';

import type { FailureCode } from '@imgferry/core';
import { sampleImage } from '@imgferry/core/testing';
import { answerHead, type RawAnswer, serveRaw, writeForever } from './raw-server.ts';
import { expectFailure, expectTaken, Scene, serveGoodImages, sha256 } from './scene.ts';

const png = sampleImage('image/png', { bytes: 2_000 });
const length = `content-length: ${png.length}`;
const withImage = (head: string): Buffer => Buffer.concat([Buffer.from(head, 'latin1'), png]);

const malformed: Readonly<Record<string, readonly [FailureCode, string | Buffer]>> = {
  'a header of 64 KiB': ['bad_response', withImage(answerHead(length, `x: ${'y'.repeat(65_536)}`))],
  'a name of 64 KiB': ['bad_response', withImage(answerHead(length, `${'x'.repeat(65_536)}: y`))],
  'ten thousand headers': [
    'bad_response',
    withImage(answerHead(length, ...Array.from({ length: 10_000 }, (_, at) => `x${at}: y`))),
  ],
  'NUL in a header': ['bad_response', withImage(answerHead(length, 'x: a\0b'))],
  'NUL in the name of one': ['bad_response', withImage(answerHead(length, 'x\0y: a'))],
  'CR in a header': ['bad_response', withImage(answerHead(length, 'x: a\rset-cookie: b'))],
  'LF where CRLF belongs': ['bad_response', withImage(answerHead(length).replaceAll('\r\n', '\n'))],
  'a header without a colon': ['bad_response', withImage(answerHead(length, 'nonsense'))],
  'a blank before the colon': ['bad_response', withImage(answerHead(`content-length : ${png.length}`))],
  'two different lengths': ['bad_response', withImage(answerHead(length, 'content-length: 5'))],
  'the same length twice': ['bad_response', withImage(answerHead(length, length))],
  'a length and chunks': [
    'bad_response',
    withImage(`${answerHead(length, 'transfer-encoding: chunked')}7d0\r\n`),
  ],
  'chunks whose size is no number': ['bad_response', `${answerHead('transfer-encoding: chunked')}zz\r\n`],
  'chunks of negative size': ['bad_response', `${answerHead('transfer-encoding: chunked')}-5\r\nhello`],
  'chunks that are longer than they say': [
    'bad_response',
    withImage(`${answerHead('transfer-encoding: chunked')}5\r\n`),
  ],
  'a chunk size of 40 digits': [
    'bad_response',
    `${answerHead('transfer-encoding: chunked')}${'f'.repeat(40)}\r\n`,
  ],
  'HTTP/0.9': ['bad_response', Buffer.from(png)],
  'HTTP/3.0': ['bad_response', withImage(`HTTP/3.0 200 OK\r\n${length}\r\n\r\n`)],
  'a status of two digits': ['bad_response', withImage(`HTTP/1.1 20 OK\r\n${length}\r\n\r\n`)],
  'a status of 000': ['bad_response', withImage(`HTTP/1.1 000 OK\r\n${length}\r\n\r\n`)],
  'the banner of another protocol': ['bad_response', 'SSH-2.0-OpenSSH_9.6 TOP SECRET\r\n'],
  'a folded header': ['bad_response', withImage(answerHead(length, 'x: a', ' content-encoding: gzip'))],
  'a switch of protocols by the way': [
    'bad_response',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n',
  ],
  'random bytes': ['bad_response', Buffer.alloc(5_000, 'f00dfacecafe', 'hex')],
  'a switch of protocols': [
    'source_unreachable',
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  ],
  'no answer at all': ['source_unreachable', ''],
  'half a status line': ['source_unreachable', 'HTTP/1.1 2'],
  'half a header': ['source_unreachable', 'HTTP/1.1 200 OK\r\ncontent-le'],
};

describe('an answer', () => {
  it.each(Object.entries(malformed))('of %s is tried again and fails', async (_, [code, answer]) => {
    const server = await serveRaw((socket) => void socket.end(answer));
    const failure = await expectFailure(server, code);
    expect(failure.message.length).toBeLessThan(200);
    expect(failure.message).not.toContain('SECRET');
  });

  it.each<[string, RawAnswer]>([
    ['instead of an answer', (socket) => void socket.resetAndDestroy()],
    [
      'in its headers',
      (socket) => void socket.write('HTTP/1.1 200 OK\r\nx: ', () => socket.resetAndDestroy()),
    ],
    [
      'before the first byte of the body',
      (socket) => void socket.write(answerHead(length), () => socket.resetAndDestroy()),
    ],
  ])('that is reset %s is unreachable', async (_, answer) => {
    await expectFailure(await serveRaw(answer), 'source_unreachable');
  });

  it('of 100 to a request that did not ask for it is tried again and fails', async () => {
    const server = await serveRaw((socket) =>
      writeForever(socket, Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000))),
    );
    await expectFailure(server, 'source_unreachable');
  });

  it.each(['102 Processing', '103 Early Hints', '199 Whatever'])(
    'that never comes for provisional ones is given up after twenty: %s',
    async (status) => {
      const server = await serveRaw((socket) =>
        writeForever(socket, Buffer.from(`HTTP/1.1 ${status}\r\nlink: </a>\r\n\r\n`.repeat(1_000))),
      );
      const failure = await expectFailure(server, 'bad_response');
      expect(failure.message).toContain('provisional answers');
    },
  );

  it('behind a few provisional ones is read', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(20);
    await expectTaken(
      await serveRaw((socket) => void socket.end(withImage(hints + answerHead(length)))),
      png,
    );
  });

  it('whose status line never ends is given up by the limit of the headers', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 ');
      writeForever(socket, Buffer.alloc(65_536, 'x'));
    });
    await expectFailure(server, 'source_timeout', { source: { headersTimeoutMs: 700 }, once: true });
  });

  it('in single bytes is read', async () => {
    const server = await serveRaw((socket) => {
      socket.setNoDelay(true);
      for (const byte of withImage(answerHead(length)).subarray(0, 300)) socket.write(Buffer.from([byte]));
      socket.end(withImage(answerHead(length)).subarray(300));
    });
    await expectTaken(server, png);
  });
});

describe('an answer that nobody asked for', () => {
  it.each([
    ['in one piece with the right one', Buffer.concat([withImage(answerHead(length)), evil()])],
    ['behind one without a body', Buffer.concat([Buffer.from(answerHead('content-length: 0')), evil()])],
  ])('does not become that of the next request: %s', async (name, both) => {
    const server = await serveRaw((socket, { path }) => {
      socket.write(path === '/bad' ? both : withImage(answerHead(length)));
    });
    const scene = new Scene();
    const [bad, next] = await scene.ferry([`${server.url}/bad`, `${server.url}/next`]);
    expect(bad).toMatchObject(
      name.includes('without') ? { failure: { code: 'empty_body' } } : { bytes: 2_000 },
    );
    expect(next).toMatchObject({ status: 'complete', bytes: png.length });
    expect(scene.host.uploads.map((upload) => upload.sha256)).not.toContain(sha256(evilImage()));
    expect(server.sockets).toHaveLength(2);
  });

  it('and comes while the connection rests does not either', async () => {
    const server = await serveRaw((socket) => {
      socket.write(withImage(answerHead(length)), () => setImmediate(() => socket.write(evil())));
    });
    const scene = new Scene();
    const [first] = await scene.ferry([`${server.url}/first`]);
    const [socket] = server.sockets;
    if (socket?.closed === false) await once(socket, 'close');
    const [second] = await scene.ferry([`${server.url}/second`]);
    for (const upload of [first, second]) expect(upload).toMatchObject({ status: 'complete', bytes: 2_000 });
    expect(scene.host.uploads.map((upload) => upload.sha256)).toEqual([sha256(png), sha256(png)]);
  });
});

function evilImage(): Uint8Array {
  return sampleImage('image/gif', { bytes: 900 });
}

function evil(): Buffer {
  return Buffer.concat([Buffer.from(answerHead('content-length: 900')), evilImage()]);
}

it('many sources that misbehave at once fail each by itself, and the good images among them complete', async () => {
  const answers = Object.values(malformed);
  const server = await serveRaw(
    (socket, { path }) => void socket.end(answers[Number(path.slice(1))]?.[1] ?? ''),
  );
  const scene = new Scene({}, { concurrency: 3 });
  const good = await serveGoodImages();
  const urls = answers.flatMap((_, at) => [`${server.url}/${at}`, `${good.urls[at % 2]}?${at}`]);
  const uploads = await scene.ferry(urls);
  expect(uploads.map(({ failure }) => failure?.code)).toEqual(answers.flatMap(([code]) => [code, undefined]));
  expect(scene.host.uploads).toHaveLength(answers.length);
  await server.idle();
});
