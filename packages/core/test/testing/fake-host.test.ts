import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { type HostUploadOptions, type SourceImage, TransferError } from '../../src/index.ts';
import { createFakeHost, sampleImages } from '../../src/testing/index.ts';

const png = sampleImages['image/png'];
const image: SourceImage = { type: 'image/png', bytes: png.length, body: [png], dispose: () => {} };

function asked(more: Partial<HostUploadOptions> = {}): HostUploadOptions {
  return { signal: new AbortController().signal, ...more };
}

describe('a fake host', () => {
  it('answers a link of its own for each image and remembers what it took', async () => {
    const host = createFakeHost({ name: 'test' });
    const answers = await Promise.all([
      host.upload(image, asked({ title: 'Cat' })),
      host.upload(image, asked()),
    ]);
    expect(answers.map(({ link }) => link)).toEqual(['https://img.example/1', 'https://img.example/2']);
    expect(host.uploads[0]).toEqual({
      link: 'https://img.example/1',
      deleteHash: 'delete-1',
      sha256: createHash('sha256').update(png).digest('hex'),
      bytes: png.length,
      type: 'image/png',
      options: { title: 'Cat' },
    });
    expect([host.name, host.posts, host.inFlight, host.peak]).toEqual(['test', 2, 0, 2]);
  });

  it('tells how much of a body has gone', async () => {
    const sent: number[] = [];
    const body = [png.subarray(0, 10), png.subarray(10)];
    await createFakeHost().upload({ ...image, body }, asked({ onProgress: (bytes) => sent.push(bytes) }));
    expect(sent).toEqual([10, png.length]);
  });

  it('refuses a body that is not as long as it was said to be', async () => {
    const host = createFakeHost();
    await expect(host.upload({ ...image, bytes: 1 }, asked())).rejects.toThrow(/was to have 1$/);
    expect([host.uploads.length, host.inFlight]).toEqual([0, 0]);
  });

  it('gives the answers it was told, in order, then the standing one', async () => {
    const host = createFakeHost();
    const overloaded = new TransferError('host_overloaded', 'over capacity');
    host.next(overloaded, { times: 2 });
    host.next({ link: 'https://img.example/special', width: 3 });
    host.always(() => new TransferError('host_rejected', 'no'));
    await expect(host.upload(image, asked())).rejects.toBe(overloaded);
    await expect(host.upload(image, asked())).rejects.toBe(overloaded);
    expect(await host.upload(image, asked())).toMatchObject({
      link: 'https://img.example/special',
      width: 3,
    });
    await expect(host.upload(image, asked())).rejects.toMatchObject({ code: 'host_rejected' });
    host.always(undefined);
    expect(await host.upload(image, asked())).toMatchObject({ link: 'https://img.example/5' });
  });

  it('keeps an image whose reply is lost, and no other that failed', async () => {
    const host = createFakeHost();
    host.next(new TransferError('host_reply_lost', 'no reply came', { possiblyStored: true }));
    host.next(new TransferError('host_unavailable', 'down'));
    await expect(host.upload(image, asked())).rejects.toMatchObject({ code: 'host_reply_lost' });
    await expect(host.upload(image, asked())).rejects.toMatchObject({ code: 'host_unavailable' });
    expect(host.uploads).toHaveLength(1);
  });

  it('tells of its limits with every link', async () => {
    const reading = { scope: ['fake'], buckets: [{ bucket: 'fake', remaining: 3, resetInMs: 1_000 }] };
    const host = createFakeHost({ budget: ['fake'], reading: () => reading });
    expect(host.budget).toEqual(['fake']);
    expect(await host.upload(image, asked())).toMatchObject({ reading });
  });

  it('holds answers back until released', async () => {
    const host = createFakeHost();
    const held = host.hold({ times: 1 });
    const first = host.upload(image, asked());
    await held.waitFor(1);
    await host.upload(image, asked());
    expect([host.uploads.length, host.inFlight]).toEqual([2, 1]);
    held.release();
    expect(await first).toMatchObject({ link: 'https://img.example/1' });
  });

  it('ends an upload that is held when its signal aborts', async () => {
    const host = createFakeHost();
    const held = host.hold();
    const aborting = new AbortController();
    const uploading = host.upload(image, asked({ signal: aborting.signal }));
    await held.waitFor(1);
    const reason = new Error('enough');
    aborting.abort(reason);
    await expect(uploading).rejects.toBe(reason);
    expect(host.inFlight).toBe(0);
  });

  it('remembers what was deleted, once', async () => {
    const host = createFakeHost();
    const { signal } = new AbortController();
    await host.delete('delete-1', { signal });
    await host.delete('delete-1', { signal });
    expect(host.deleted).toEqual(['delete-1']);
  });
});
