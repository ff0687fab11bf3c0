import { randomUUID } from 'node:crypto';

import { expect, inject, it, vi } from 'vitest';

import { createFakeHost, createFakeSource, sampleImage } from '@imgferry/core/testing';
import { startRedisServer } from '../../../tests/setup/redis-server.ts';
import { ferry, withInfo } from './snippets/use.ts';

it('an uploader ferries images by way of a Redis store', async () => {
  const picture = sampleImage('image/png');
  const source = createFakeSource({ 'https://a.example/1.png': picture, 'https://a.example/2.png': picture });
  const urls = ['https://a.example/1.png', 'https://a.example/2.png', 'https://a.example/gone.png'];
  const redis = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  expect(await ferry(source, createFakeHost(), urls, redis)).toBe(2);
  expect(source.live).toBe(0);
});

it('a logger that writes the level info says that Redis keeps no append-only file', async ({
  onTestFinished,
}) => {
  const told = vi.spyOn(console, 'info').mockReturnValue();
  const server = await startRedisServer();
  const store = withInfo(server.url);
  onTestFinished(async () => {
    told.mockRestore();
    await store.close();
    await server.close();
  });
  await store.ready();
  expect(told.mock.calls).toEqual([
    [
      'imgferry: Redis keeps no append-only file: what it was told last is lost when it stops hard',
      expect.anything(),
    ],
  ]);
});
