import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Store } from '@imgferry/core';
import { createFetchHandler } from '@imgferry/http-adapter';
import { createService, type Service } from './a-service.ts';

const count = 100_000;
const pageSize = 1_000;

/** A service with 100,000 links, and how many pages of them were asked for. */
async function withLinks(): Promise<Service & { pages(): number }> {
  let pages = 0;
  const service = createService({
    settings: { maxUrls: count },
    store: (store) => ({
      links: (page) => {
        pages += 1;
        return store.links(page);
      },
    }),
  });
  await service.uploader.submit(
    Array.from({ length: count }, (_, index) => `https://source.example/${index}`),
  );
  await settleAll(service.store);
  return { ...service, pages: () => pages };
}

async function settleAll(store: Store): Promise<void> {
  for (;;) {
    const { leases } = await store.queue.claim({
      host: 'fake',
      limit: pageSize,
      leaseMs: 60_000,
      workerId: 'worker',
    });
    if (leases.length === 0) return;
    await store.settle(
      leases.map((lease) => ({
        lease,
        outcome: {
          status: 'complete',
          link: `https://img.example/${lease.index}`,
          bytes: 1,
          type: 'image/png',
        },
        posts: 1,
      })),
    );
  }
}

const read = async (body: ReadableStream<Uint8Array>, onChunk: (text: string) => void): Promise<void> => {
  const decoder = new TextDecoder();
  for await (const chunk of body) onChunk(decoder.decode(chunk, { stream: true }));
};

describe('100,000 links', () => {
  let service: Awaited<ReturnType<typeof withLinks>>;
  beforeAll(async () => {
    service = await withLinks();
  });
  afterAll(() => service.stop());

  it('are pulled a page at a time, and only as they are read', async () => {
    const { uploader, pages } = service;
    const before = pages();
    const answer = await createFetchHandler(uploader)(new Request('http://service.example/v1/images'));
    let text = '';
    let chunks = 0;
    await read(answer.body ?? new Blob([]).stream(), (part) => {
      text += part;
      chunks += 1;
      expect(pages() - before - chunks).toBeLessThanOrEqual(1);
    });
    const { uploaded } = JSON.parse(text);
    expect(uploaded).toHaveLength(count);
    expect(new Set(uploaded).size).toBe(count);
    expect(pages() - before).toBe(count / pageSize);
  });

  it('are pulled no further when the reader stops, and let go when it leaves', async () => {
    const { uploader, pages } = service;
    const before = pages();
    const answer = await createFetchHandler(uploader)(new Request('http://service.example/v1/images'));
    const reader = answer.body?.getReader();
    await reader?.read();
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(pages() - before).toBeLessThanOrEqual(2);
    await reader?.cancel();
    const pulled = pages();
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(pages()).toBe(pulled);
  });

  it('break off, and say so in the log, when the store goes away between two pages', async () => {
    let pages = 0;
    const { uploader, stop } = createService({
      store: () => ({
        links: async () => {
          pages += 1;
          if (pages === 2) throw new Error('gone');
          return { items: ['https://img.example/1'], next: 'more' };
        },
      }),
    });
    const logged: string[] = [];
    const log = (_facts: object, message: string): void => void logged.push(message);
    const handler = createFetchHandler(uploader, {
      logger: { debug: log, info: log, warn: log, error: log },
    });
    const answer = await handler(new Request('http://service.example/v1/images'));
    await expect(answer.text()).rejects.toThrow('gone');
    expect(logged).toEqual(['an answer broke off']);
    await stop();
  });
});
