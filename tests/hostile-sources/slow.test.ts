import type { Socket } from 'node:net';

import { describe, expect, it } from 'vitest';

import type { HttpSourceOptions } from '@imgferry/core/http-source';
import { sampleImage } from '@imgferry/core/testing';
import { answerHead, type RawAnswer, serveRaw, writeSlowly } from './raw-server.ts';
import { expectFailure, Scene, serveGoodImages } from './scene.ts';

const png = sampleImage('image/png', { bytes: 200_000 });
const gif = sampleImage('image/gif', { bytes: 200_000 });
const part = (image: Uint8Array, bytes: number): Uint8Array => image.subarray(0, bytes);
const sized = answerHead(`content-length: ${png.length}`);

interface Slow {
  readonly answer: RawAnswer;
  readonly source: HttpSourceOptions;
  /** A machine that is busy may be silent for longer than an idle limit, which is so short here. */
  readonly message: RegExp;
  readonly begun?: number;
  readonly once?: boolean;
}

const idle = { idleTimeoutMs: 80 };
const silence = /^the next bytes of the image did not come within 80 ms$/;
const rate = { minBytesPerSecond: 20_000, idleTimeoutMs: 500 };

const slow: Readonly<Record<string, Slow>> = {
  'sends its headers byte by byte': {
    answer: (socket) => writeSlowly(socket, answerHead('content-length: 500')),
    source: { headersTimeoutMs: 80 },
    message: /^the headers of the source did not come within 80 ms$/,
  },
  'sends headers and no byte of the body': {
    answer: (socket) => void socket.write(sized),
    source: idle,
    message: silence,
  },
  'falls silent in a body that is collected': {
    answer: (socket) => {
      socket.write(answerHead('content-length: 9000'));
      socket.write(part(png, 8_999));
    },
    source: idle,
    message: silence,
  },
  'falls silent in a body that streams': {
    answer: (socket) => {
      socket.write(sized);
      socket.write(part(png, 150_000));
    },
    source: { idleTimeoutMs: 700 },
    message: /^the next bytes of the image did not come within 700 ms$/,
    once: true,
    begun: 1,
  },
  'falls silent in a body that is held': {
    answer: (socket) => {
      socket.write(answerHead());
      socket.write(part(gif, 150_000));
    },
    source: idle,
    message: silence,
  },
  'trickles a body below the least rate': {
    answer: (socket) => {
      socket.write(answerHead('content-length: 9000'));
      writeSlowly(socket, [part(png, 5_000), 'x']);
    },
    source: rate,
    message: /^(the image came at less than 20000 bytes per second|the next bytes .* did not come .*)$/,
    once: true,
  },
  'trickles a body that streams below the least rate': {
    answer: (socket) => {
      socket.write(sized);
      writeSlowly(socket, [part(png, 20_000), 'x']);
    },
    source: rate,
    message: /^(the image came at less than 20000 bytes per second|the next bytes .* did not come .*)$/,
    once: true,
    begun: 1,
  },
  'trickles a GIF that reserved all bytes that can be held': {
    answer: (socket) => {
      socket.write(answerHead());
      writeSlowly(socket, [part(gif, 20_000), 'xxxxxxxx']);
    },
    source: { minBytesPerSecond: 100, idleTimeoutMs: 500 },
    message: /^(the image came at less than 3200 bytes per second|the next bytes .* did not come .*)$/,
    once: true,
  },
  'trickles for longer than all limits together': {
    answer: (socket) => {
      socket.write(sized);
      writeSlowly(socket, [part(png, 20_000), 'x']);
    },
    source: { minBytesPerSecond: 0, idleTimeoutMs: 10_000, totalTimeoutMs: 700 },
    message: /^the image did not come within 700 ms in all$/,
    once: true,
    begun: 1,
  },
};

describe('a source that', () => {
  it.each(Object.entries(slow))('%s is given up in time, and fails', async (_, each) => {
    const server = await serveRaw(each.answer);
    const { source, begun = 0, once = false } = each;
    const failure = await expectFailure(server, 'source_timeout', { source, begun, once });
    expect(failure.message).toMatch(each.message);
  });
});

const manners = ['sends its headers byte by byte', 'falls silent in a body that is collected'];
const streaming = [
  'falls silent in a body that streams',
  'trickles a body that streams below the least rate',
];
const holding = 'trickles a GIF that reserved all bytes that can be held';

describe('images that are fine are not held up by a source that', () => {
  it.each([...manners, ...streaming, holding])('%s, as long as one slot is left', async (manner) => {
    const stalled: Socket[] = [];
    const server = await serveRaw((socket, request) => {
      stalled.push(socket);
      slow[manner]?.answer(socket, request);
    });
    // With limits that no test waits for, the bad image holds its slot until it is let go.
    const scene = new Scene({ minBytesPerSecond: 0 }, { concurrency: 2, retries: 0, maxAttempts: 1 });
    const good = await serveGoodImages();
    // The held one has to wait for a body that holds all bytes, so it is no part of that case.
    const others = Array.from(
      { length: 5 },
      (_, at) => `${good.urls[manner === holding ? 0 : at % 2]}?${at}`,
    );
    const completed = whenCompleted(scene, others.length);
    const { jobId } = await scene.uploader.submit([`${server.url}/bad`, ...others]);
    await completed;
    expect(scene.ended.every((end) => end.endsWith('complete'))).toBe(true);
    expect(await scene.uploader.job(jobId)).toMatchObject({ complete: others.length, claimed: 1 });
    for (const socket of stalled) socket.destroy();
    expect(await scene.uploader.finished(jobId)).toMatchObject({ failed: 1, complete: others.length });
    await server.idle();
  });
});

it('GIFs that trickle without a length, one after another, leave a slot to images that are fine', async () => {
  const stalled: Socket[] = [];
  const { promise: allTrickle, resolve } = Promise.withResolvers<void>();
  const server = await serveRaw((socket, request) => {
    stalled.push(socket);
    slow[holding]?.answer(socket, request);
    if (stalled.length === 4) resolve();
  });
  // One holds all bytes and two wait for them; a fourth does not keep the last slot.
  const scene = new Scene({ minBytesPerSecond: 0 }, { concurrency: 4, retries: 0, maxAttempts: 1 });
  const good = await serveGoodImages();
  const completed = whenCompleted(scene, 1);
  const trickling = Array.from({ length: 4 }, (_, at) => `${server.url}/${at}`);
  const { jobId } = await scene.uploader.submit(trickling);
  await allTrickle;
  await scene.uploader.submit([good.urls[0] ?? '']);
  await completed;
  expect(await scene.uploader.job(jobId)).toMatchObject({ failed: 0 });
  await scene.uploader.cancel(jobId);
  for (const socket of stalled) socket.destroy();
});

function whenCompleted(scene: Scene, count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    scene.uploader.on('upload:completed', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
}
