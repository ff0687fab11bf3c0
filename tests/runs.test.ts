import { randomUUID } from 'node:crypto';

import { expect, inject, it } from 'vitest';

import { type Store, TransferError, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { RedisStore } from '@imgferry/redis-store';

const url = 'https://pictures.example/a.png';

it.each<[string, () => Store]>([
  ['memory', () => new MemoryStore()],
  ['Redis', () => new RedisStore({ url: inject('redisUrl'), namespace: `test-${randomUUID()}` })],
])(
  'an upload that is retried has all its attempts again, is told with the next numbers, and keeps why it failed, in %s',
  async (_name, open) => {
    const store = open();
    const source = createFakeSource({ [url]: new TransferError('source_timeout', 'it took too long') });
    const often = { maxAttempts: 3, attemptDelayMs: 1, retries: 0 };
    const uploader = new Uploader({ store, source, host: createFakeHost(), ...often });
    const told: unknown[] = [];
    uploader.on('upload:retried', ({ attempt, delayMs }) => told.push(['again', attempt, delayMs]));
    uploader.on('upload:failed', ({ attempt }) => told.push(['failed', attempt]));
    uploader.start();
    const { jobId } = await uploader.submit([url]);
    const view = async () => (await uploader.uploads(jobId))?.items[0];
    await uploader.finished(jobId);
    await uploader.pause('queue');
    await uploader.retry(jobId);
    expect(await view()).toMatchObject({
      status: 'waiting',
      attempts: 3,
      failure: { code: 'source_timeout' },
    });
    await uploader.resume('queue');
    await uploader.finished(jobId);
    expect(await view()).toMatchObject({
      status: 'failed',
      attempts: 6,
      failure: { code: 'source_timeout' },
    });
    await expect
      .poll(() => told)
      .toEqual([
        ...[
          ['again', 1, 1],
          ['again', 2, expect.any(Number)],
          ['failed', 3],
        ],
        ...[
          ['again', 4, 1],
          ['again', 5, expect.any(Number)],
          ['failed', 6],
        ],
      ]);
    await uploader.stop();
    await store.close();
  },
);
