import { randomUUID } from 'node:crypto';

import { expect, inject, it } from 'vitest';

import { RedisStore } from '../src/index.ts';
import { KnownUrls } from '../src/known-urls.ts';

it('URLs are kept up to so many characters, those that were wanted least lately are not', () => {
  const known = new KnownUrls(10);
  known.keep('a', { position: 1, urls: ['1234'] });
  known.keep('b', { position: 2, urls: ['12', '34'] });
  expect(known.find('a')).toMatchObject({ position: 1, urls: ['1234'] });
  known.keep('c', { position: 3, urls: ['1234'] });
  expect(['a', 'b', 'c'].map((part) => known.find(part)?.position)).toEqual([1, undefined, 3]);
  known.keep('c', { position: 4, urls: ['12345678'] });
  expect(['a', 'c'].map((part) => known.find(part)?.position)).toEqual([undefined, 4]);
  known.keep('d', { position: 5, urls: ['12345678901'] });
  expect(['a', 'c', 'd'].map((part) => known.find(part)?.position)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('a job that takes the id of one that is over is read with its own URLs', async () => {
  const options = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  const store = new RedisStore({ ...options, retentionMs: 1 });
  const read = async () => (await store.uploads('a job'))?.items.map(({ url }) => url);
  for (const urls of [['https://a.example/1'], ['https://b.example/1', 'https://b.example/2']]) {
    await expect
      .poll(() =>
        store.create({ id: 'a job', urls, host: 'host', options: {} }).then(() => store.get('a job')),
      )
      .toMatchObject({ total: urls.length });
    expect(await read()).toEqual(urls);
    expect(await read()).toEqual(urls);
    await store.cancel('a job');
  }
  await store.close();
});
