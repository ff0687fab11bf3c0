import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

import { sampleImage } from '@imgferry/core/testing';
import type { MemoryAnswer, MemoryTask } from './memory.fixture.ts';
import { answerHead, type RawAnswer, serveRaw, writeForever } from './raw-server.ts';

const MEBIBYTE = 1024 * 1024;
/** What an endless body may take of memory beyond what is held of it on purpose. */
const EXTRA_BYTES = 64 * MEBIBYTE;
/** What the sockets of a loopback connection may hold on top of what is read. */
const SOCKET_BYTES = 16 * MEBIBYTE;

interface Endless {
  readonly answer: RawAnswer;
  readonly end: string;
  /** How much of it may be read, for each image. Left out: as much as comes in the time that it has. */
  readonly capBytes?: number;
  /** What the host takes, beside 20 MiB of PNG. */
  readonly maxBytes?: Readonly<Record<string, number>>;
  /** @default 1 */
  readonly images?: number;
  /** What may be held of all of them together. @default 0 */
  readonly heldBytes?: number;
}

const start = (type: 'image/png' | 'image/gif' | 'video/mp4'): Uint8Array =>
  sampleImage(type, { bytes: 50_000 }).subarray(0, 40_000);
const noise = Buffer.alloc(65_536, 7);

/** Begins an image and never ends it. */
const goOn =
  (head: string, image: Uint8Array, chunk: Uint8Array = noise): RawAnswer =>
  (socket) => {
    socket.write(head);
    socket.write(image);
    writeForever(socket, chunk);
  };

const chunked = `${answerHead('transfer-encoding: chunked')}${(40_000).toString(16)}\r\n`;
const oneChunk = Buffer.concat([Buffer.from('\r\n10000\r\n'), noise]);

const endless: Readonly<Record<string, Endless>> = {
  'a PNG until the end': {
    answer: goOn(answerHead(), start('image/png')),
    end: 'too_large',
    capBytes: 20 * MEBIBYTE,
  },
  'a PNG in chunks': {
    answer: goOn(chunked, start('image/png'), oneChunk),
    end: 'too_large',
    capBytes: 20 * MEBIBYTE,
  },
  'six GIFs at once': {
    answer: goOn(answerHead(), start('image/gif')),
    end: 'too_large',
    capBytes: 40 * MEBIBYTE,
    images: 6,
    maxBytes: { 'image/gif': 40 * MEBIBYTE },
    heldBytes: 40 * MEBIBYTE,
  },
  'a video of 100 MiB that goes on and on': {
    answer: goOn(answerHead(`content-length: ${100 * MEBIBYTE}`), start('video/mp4')),
    end: 'complete',
    capBytes: 100 * MEBIBYTE,
    maxBytes: { 'video/mp4': 100 * MEBIBYTE },
  },
  'a header': { answer: goOn('HTTP/1.1 200 OK\r\nx: ', noise), end: 'bad_response', capBytes: 0 },
  'a status line': { answer: goOn('HTTP/1.1 200 ', noise), end: 'source_timeout' },
  'a chunk extension': {
    answer: goOn(
      `${answerHead('transfer-encoding: chunked')}1;`,
      Buffer.alloc(65_536, 'x'),
      Buffer.alloc(65_536, 'x'),
    ),
    end: 'source_timeout',
  },
};

it.each(Object.entries(endless))(
  'an answer without end takes little memory and is not read for long: %s',
  async (_, { answer, end, capBytes, maxBytes = {}, images = 1, heldBytes = 0 }) => {
    const server = await serveRaw(answer);
    const fine = await serveRaw((socket) => {
      socket.write(answerHead());
      socket.end(sampleImage('image/png', { bytes: 2_000_000 }));
    });
    const { ends, ...extra } = await ferryElsewhere({
      fine: [1, 2, 3, 4].map((at) => `${fine.url}/${at}`),
      urls: Array.from({ length: images }, (__, at) => `${server.url}/${at}`),
      maxBytes: { 'image/png': 20 * MEBIBYTE, ...maxBytes },
      maxHeldBytes: Math.max(20 * MEBIBYTE, ...Object.values(maxBytes)),
      timeoutMs: end === 'source_timeout' ? 200 : 20_000,
    });
    expect(ends).toEqual(Array.from({ length: images }, () => end));
    for (const bytes of Object.values(extra)) expect(bytes).toBeLessThan(heldBytes + EXTRA_BYTES);
    if (capBytes !== undefined) expect(server.sentBytes).toBeLessThan(images * (capBytes + SOCKET_BYTES));
    await server.idle();
  },
);

async function ferryElsewhere(task: MemoryTask): Promise<MemoryAnswer> {
  const file = fileURLToPath(new URL('memory.fixture.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--conditions=@imgferry/source',
    file,
    JSON.stringify(task),
  ]);
  return JSON.parse(stdout) as MemoryAnswer;
}
