import { describe, expect, it } from 'vitest';

import type { OpenOptions, SourceImage } from '../../src/index.ts';
import { TransferError } from '../../src/index.ts';
import { createFakeSource, sampleImages } from '../../src/testing/index.ts';

const url = 'https://pictures.example/cat.png';
const png = sampleImages['image/png'];

function asked(signal: AbortSignal = new AbortController().signal): OpenOptions {
  return { limits: { maxBytes: { 'image/png': 1_000 } }, signal };
}

async function bytesOf({ body }: SourceImage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a fake source', () => {
  it.each([
    ['a list', { bytes: png, chunks: 3 }],
    ['a stream', { bytes: png, chunks: 3, stream: true }],
  ])('gives the whole image as %s of chunks', async (_, picture) => {
    const source = createFakeSource({ [url]: picture });
    const image = await source.open(url, asked());
    expect(Array.isArray(image.body)).toBe(!('stream' in picture));
    expect(image).toMatchObject({ type: 'image/png', bytes: png.length });
    expect(await bytesOf(image)).toEqual(Buffer.from(png));
    image.dispose();
  });

  it('counts what is open until it was disposed of', async () => {
    const source = createFakeSource({ [url]: png });
    const images = [await source.open(url, asked()), await source.open(url, asked())];
    expect([source.opened, source.live]).toEqual([[url, url], 2]);
    for (const image of [...images, ...images]) image.dispose();
    expect(source.live).toBe(0);
  });

  it('fails with the error of a URL, and with 404 for one it does not know', async () => {
    const source = createFakeSource({
      [url]: new TransferError('source_tls', 'the certificate has expired'),
    });
    await expect(source.open(url, asked())).rejects.toMatchObject({ code: 'source_tls' });
    await expect(source.open('https://a.example/', asked())).rejects.toMatchObject({ code: 'source_status' });
    expect(source.live).toBe(0);
  });

  it('asks a function at every open', async () => {
    const source = createFakeSource({
      [url]: (open) => (open === 1 ? new TransferError('source_timeout', 'too slow') : png),
    });
    await expect(source.open(url, asked())).rejects.toMatchObject({ code: 'source_timeout' });
    (await source.open(url, asked())).dispose();
  });

  it('keeps to the limits of the host', async () => {
    const source = createFakeSource({
      small: sampleImages['image/gif'],
      large: { bytes: new Uint8Array(1_001), type: 'image/png' },
    });
    await expect(source.open('small', asked())).rejects.toMatchObject({ code: 'unsupported_type' });
    await expect(source.open('large', asked())).rejects.toMatchObject({ code: 'too_large' });
  });

  it('holds opens back until released', async () => {
    const source = createFakeSource({ [url]: png });
    const held = source.hold();
    const opening = source.open(url, asked());
    await held.waitFor(1);
    expect([source.opened.length, source.live]).toEqual([1, 0]);
    held.release();
    (await opening).dispose();
  });

  it('ends an open that is held when its signal aborts', async () => {
    const source = createFakeSource({ [url]: png });
    const held = source.hold();
    const aborting = new AbortController();
    const opening = source.open(url, asked(aborting.signal));
    await held.waitFor(1);
    const reason = new Error('enough');
    aborting.abort(reason);
    await expect(opening).rejects.toBe(reason);
    expect(held.waiting).toBe(0);
  });

  it('ends a stream that waits when its signal aborts', async () => {
    const waiting = Promise.withResolvers<void>();
    const beforeChunk = (): Promise<void> => {
      waiting.resolve();
      return new Promise(() => {});
    };
    const source = createFakeSource({ [url]: { bytes: png, stream: true, beforeChunk } });
    const aborting = new AbortController();
    const reading = bytesOf(await source.open(url, asked(aborting.signal)));
    await waiting.promise;
    const reason = new Error('enough');
    aborting.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  it('breaks a stream in place of its last chunk', async () => {
    const breaksWith = new TransferError('truncated', 'the image is too short');
    const source = createFakeSource({ [url]: { bytes: png, chunks: 2, stream: true, breaksWith } });
    const image = await source.open(url, asked());
    await expect(bytesOf(image)).rejects.toBe(breaksWith);
    image.dispose();
  });

  it('takes new pictures while it runs', async () => {
    const source = createFakeSource();
    source.set(url, png);
    (await source.open(url, asked())).dispose();
    expect(source.live).toBe(0);
  });
});
