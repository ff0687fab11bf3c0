import { randomUUID } from 'node:crypto';

import { expect, inject, it } from 'vitest';

import { RedisStore } from '../src/index.ts';
import { KnownUrls } from '../src/known-urls.ts';

it('URLs are kept up to so many characters, those that were wanted least lately are not', () => {
  // A part takes 200 characters beside its name, a URL 32.
  const known = new KnownUrls(520);
  const keptOf = (...parts: string[]) => parts.map((part) => known.find(part)?.position);
  known.keep('a', { position: '1', urls: ['1234'] });
  known.keep('b', { position: '2', urls: ['12', '34'] });
  expect(known.find('a')).toMatchObject({ position: '1', urls: ['1234'] });
  known.keep('c', { position: '3', urls: ['1234'] });
  expect(keptOf('a', 'b', 'c')).toEqual(['1', undefined, '3']);
  known.keep('c', { position: '4', urls: ['x'.repeat(60)] });
  expect(keptOf('a', 'c')).toEqual([undefined, '4']);
  known.keep('d', { position: '5', urls: ['x'.repeat(300)] });
  expect(keptOf('a', 'c', 'd')).toEqual([undefined, undefined, undefined]);
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
