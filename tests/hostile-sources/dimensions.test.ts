import { describe, expect, it } from 'vitest';

import { TransferError } from '@imgferry/core';
import { sampleImage } from '@imgferry/core/testing';
import { createFetchHandler } from '@imgferry/http-adapter';
import { answerHead, type RawServer, serveRaw } from './raw-server.ts';
import { expectFailure, Scene } from './scene.ts';

/** A PNG of 2 kB that says it is so large. */
function pngSized(width: number, height: number): Buffer {
  const png = Buffer.from(sampleImage('image/png', { bytes: 2_000 }));
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  return png;
}

function gifSized(width: number, height: number): Buffer {
  const gif = Buffer.from(sampleImage('image/gif', { bytes: 2_000 }));
  gif.writeUInt16LE(width, 6);
  gif.writeUInt16LE(height, 8);
  return gif;
}

function apngSized(width: number, height: number): Buffer {
  const apng = Buffer.from(sampleImage('image/apng', { bytes: 2_000 }));
  apng.writeUInt32BE(width, 16);
  apng.writeUInt32BE(height, 20);
  return apng;
}

function serveBody(body: Uint8Array): Promise<RawServer> {
  return serveRaw((socket) => {
    socket.write(answerHead('connection: close', `content-length: ${body.length}`));
    socket.end(body);
  });
}

describe('an image of 2 kB that is a bomb for whoever decodes it', () => {
  it.each([
    ['40,000 × 40,000', pngSized(40_000, 40_000)],
    ['2^31 × 1', pngSized(2 ** 31, 1)],
    ['1 × 2^32 - 1', pngSized(1, 2 ** 32 - 1)],
    ['of no pixels', pngSized(0, 0)],
    ['an animation of 65,535 × 65,535', gifSized(65_535, 65_535)],
    ['an animated PNG of 30,000 × 30,000', apngSized(30_000, 30_000)],
  ])('is refused by its header: %s', async (_, body) => {
    await expectFailure(await serveBody(body), 'dimensions');
  });

  it('is refused without a length too, before it is read on', async () => {
    const server = await serveRaw((socket) => {
      socket.write(answerHead());
      socket.write(Buffer.concat([pngSized(40_000, 40_000), Buffer.alloc(5_000)]));
    });
    await expectFailure(server, 'dimensions');
  });
});

it('the dimensions in the header come with the upload, also with one that the host refused, unless the host says others', async () => {
  const server = await serveBody(pngSized(640, 480));
  const scene = new Scene();
  scene.host.next({});
  scene.host.next({ width: 320, height: 240 });
  scene.host.next(new TransferError('host_rejected', 'no'));
  const { jobId } = await scene.uploader.submit([1, 2, 3].map((at) => `${server.url}/${at}`));
  await scene.uploader.finished(jobId);
  const answer = createFetchHandler(scene.uploader);
  const response = await answer(new Request(`http://here/v1/images/upload/${jobId}/uploads`));
  expect(await response.json()).toMatchObject({
    uploads: [
      { status: 'complete', width: 640, height: 480, bytes: 2_000, type: 'image/png' },
      { status: 'complete', width: 320, height: 240 },
      { status: 'failed', width: 640, height: 480, bytes: 2_000, type: 'image/png' },
    ],
  });
});
