import { createHash } from 'node:crypto';

import { afterEach, describe, expect, it } from 'vitest';

import { type ImageTransform, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { sampleImage, startImgurStandIn, startPictureServer } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';

const png = sampleImage('image/png', { bytes: 300_000 });
const maxBytes = { 'image/webp': 1_000_000 };
const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Images of a web server, on their way to what answers like Imgur. */
async function setUp() {
  const imgur = await startImgurStandIn();
  const pictures = await startPictureServer({ '/a.webp': sampleImage('image/webp', { bytes: 400_000 }) });
  const source = createHttpSource({ allow: ['127.0.0.1'] });
  const host = createImgurHost({ clientId: 'any', apiUrl: imgur.url });
  open.push(...[imgur, pictures, source, host].map((each) => () => each.close()));
  const parts = { store: new MemoryStore(), source, host };
  const begin = (transform: ImageTransform): Uploader => {
    const uploader = new Uploader({ ...parts, transform });
    open.push(() => uploader.stop());
    uploader.start();
    return uploader;
  };
  return { imgur, url: pictures.urlOf('/a.webp'), begin };
}

describe('a worker whose transform goes on and on', () => {
  it('stops, and another one uploads what its transform makes, in the same attempt', async () => {
    const { imgur, url, begin } = await setUp();
    const begun = Promise.withResolvers<void>();
    const stuck = begin({
      maxBytes,
      transform: () => {
        begun.resolve();
        return new Promise(() => {});
      },
    });
    const { jobId } = await stuck.submit([url]);
    await begun.promise;
    const errors: unknown[] = [];
    stuck.on('error', ({ error }) => errors.push(error));
    await stuck.stop({ timeoutMs: 0 });
    expect(errors).toEqual([]);

    const working = begin({ maxBytes, transform: async () => ({ type: 'image/png', body: png }) });
    await working.finished(jobId, { signal: AbortSignal.timeout(10_000) });
    expect((await working.uploads(jobId))?.items).toMatchObject([
      { status: 'complete', attempts: 1, possiblyDuplicated: false, type: 'image/png', bytes: png.length },
    ]);
    expect(imgur.images).toMatchObject([
      { type: 'image/png', sha256: createHash('sha256').update(png).digest('hex') },
    ]);
  });
});
