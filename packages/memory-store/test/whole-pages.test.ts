import { expect, it } from 'vitest';

import type { Lease, UploadPage } from '@imgferry/core';
import { MemoryStore } from '../src/index.ts';

const HOST = 'host';
const URLS = ['https://a.example/0', 'https://a.example/1', 'https://a.example/2'];
const gone = { status: 'failed', failure: { code: 'source_status', message: 'gone' } } as const;

async function claim(store: MemoryStore): Promise<readonly Lease[]> {
  return (await store.queue.claim({ host: HOST, limit: 1, leaseMs: 60_000, workerId: 'w' })).leases;
}

async function settle(store: MemoryStore, leases: readonly Lease[]): Promise<void> {
  await store.settle(leases.map((lease) => ({ lease, outcome: gone, posts: 0 })));
}

async function read(store: MemoryStore): Promise<UploadPage | undefined> {
  return store.uploads('job', { limit: 10 });
}

function told(page: UploadPage | undefined): unknown {
  return page?.items.map(({ status, paused, attempts }) => `${status} ${attempts}${paused ? ' paused' : ''}`);
}

it('a job of which nothing has changed is answered with the same page, which nobody can change', async () => {
  const store = new MemoryStore();
  await store.create({ id: 'job', urls: URLS, host: HOST, options: {} });
  const page = await read(store);
  expect(await read(store)).toBe(page);
  expect(await store.uploads('job', { limit: 3 })).toBe(page);
  expect([page, page?.items, page?.items[0]].every(Object.isFrozen)).toBe(true);
  expect((await store.uploads('job', { limit: 2 }))?.items).toHaveLength(2);
  expect((await store.uploads('job', { limit: 10, status: 'failed' }))?.items).toEqual([]);
});

it('every change of a job or of an upload of it is on the page that is read next', async () => {
  const store = new MemoryStore();
  await store.create({ id: 'job', urls: URLS, host: HOST, options: {} });
  let leases: readonly Lease[] = [];
  const release = (lease: Lease) => ({ lease, delayMs: 0, countAttempt: true, posts: 0 });
  const steps: readonly (readonly [
    what: string,
    step: () => Promise<unknown>,
    expected: readonly string[],
  ])[] = [
    ['claim', async () => (leases = await claim(store)), ['claimed 1', 'waiting 0', 'waiting 0']],
    ['release', () => store.queue.release(leases.map(release)), ['waiting 1', 'waiting 0', 'waiting 0']],
    ['again', async () => (leases = await claim(store)), ['claimed 2', 'waiting 0', 'waiting 0']],
    ['settle', () => settle(store, leases), ['failed 2', 'waiting 0', 'waiting 0']],
    [
      'retry some',
      () => store.retry('job', { urls: URLS.slice(0, 1) }),
      ['waiting 2', 'waiting 0', 'waiting 0'],
    ],
    [
      'pause',
      () => store.pause({ jobId: 'job' }),
      ['waiting 2 paused', 'waiting 0 paused', 'waiting 0 paused'],
    ],
    ['resume', () => store.resume({ jobId: 'job' }), ['waiting 2', 'waiting 0', 'waiting 0']],
    [
      'pause host',
      () => store.pause({ host: HOST }),
      ['waiting 2 paused', 'waiting 0 paused', 'waiting 0 paused'],
    ],
    ['resume host', () => store.resume({ host: HOST }), ['waiting 2', 'waiting 0', 'waiting 0']],
    ['cancel', () => store.cancel('job'), ['failed 2', 'failed 0', 'failed 0']],
    ['retry all', () => store.retry('job'), ['waiting 2', 'waiting 0', 'waiting 0']],
  ];
  for (const [what, step, expected] of steps) {
    await read(store);
    await step();
    const page = await read(store);
    expect([what, told(page)]).toEqual([what, expected]);
    expect([what, page?.job]).toEqual([what, await store.get('job')]);
  }
});
