import { describe, expect, it } from 'vitest';

import { MemoryStore } from '../src/index.ts';

async function storeOf(jobs: number): Promise<MemoryStore> {
  const store = new MemoryStore({ clock: () => 1_000 });
  await create(store, jobs);
  return store;
}

async function create(store: MemoryStore, jobs: number): Promise<void> {
  for (let count = 0; count < jobs; count += 1)
    await store.create({ id: `job ${count}`, urls: ['https://a.example/1'], host: 'host', options: {} });
}

describe('a list with a filter', () => {
  it('passes over 10,000 jobs at most, and says where to go on', async () => {
    const store = await storeOf(10_001);
    const first = await store.list({ failed: true });
    expect(first.items).toEqual([]);
    const { next: cursor = '' } = first;
    expect(await store.list({ failed: true, cursor })).toEqual({ items: [], next: undefined });
    await store.cancel('job 0');
    expect((await store.list({ failed: true, cursor })).items).toMatchObject([{ id: 'job 0' }]);
  });

  it('has no next when it has passed over as many as there are', async () => {
    const store = await storeOf(10_000);
    expect(await store.list({ failed: true })).toEqual({ items: [], next: undefined });
  });

  it('has no job of another time, also where the clock was set back', async () => {
    const times = [100, 200, 300, 150, 250, 350];
    let now = 0;
    const store = new MemoryStore({ clock: () => now });
    for (const time of times) {
      now = time;
      await store.create({ id: `at ${time}`, urls: ['https://a.example/1'], host: 'host', options: {} });
    }
    for (const createdBefore of times) {
      for (const createdFrom of times) {
        const { items } = await store.list({ createdFrom, createdBefore });
        for (const { createdAt } of items) {
          expect(createdAt).toBeGreaterThanOrEqual(createdFrom);
          expect(createdAt).toBeLessThan(createdBefore);
        }
      }
    }
    const { items } = await store.list({ createdFrom: 300 });
    expect(items.map(({ id }) => id)).toEqual(['at 350']);
  });
});

describe('the uploads of one status', () => {
  it('are looked for among 10,000 others at most, and then it is said where to go on', async () => {
    const store = new MemoryStore();
    const urls = Array.from({ length: 10_001 }, (_, at) => `https://a.example/${at}`);
    await store.create({ id: 'job', urls, host: 'host', options: {} });
    const first = await store.uploads('job', { status: 'failed' });
    expect(first?.items).toEqual([]);
    const page = { status: 'failed', cursor: first?.next ?? '' } as const;
    expect(await store.uploads('job', page)).toMatchObject({ items: [], next: undefined });
    await store.cancel('job');
    expect((await store.uploads('job', page))?.items).toMatchObject([{ index: 10_000 }]);
  });
});

describe('the settings of a memory store', () => {
  it('are its bounds', () => {
    expect(new MemoryStore().settings).toEqual({
      retentionMs: 604_800_000,
      maxEvents: 10_000,
      maxImages: 100_000,
      maxLinks: 'unlimited',
    });
    expect(new MemoryStore({ maxLinks: 5 }).settings).toMatchObject({ maxLinks: 5 });
  });
});
