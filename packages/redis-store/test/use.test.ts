import { randomUUID } from 'node:crypto';

import { expect, inject, it } from 'vitest';

import { createFakeHost, createFakeSource, sampleImage } from '@imgferry/core/testing';
import { ferry } from './snippets/use.ts';

it('an uploader ferries images by way of a Redis store', async () => {
  const picture = sampleImage('image/png');
  const source = createFakeSource({ 'https://a.example/1.png': picture, 'https://a.example/2.png': picture });
  const urls = ['https://a.example/1.png', 'https://a.example/2.png', 'https://a.example/gone.png'];
  const redis = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  expect(await ferry(source, createFakeHost(), urls, redis)).toBe(2);
  expect(source.live).toBe(0);
});
