import { getEventListeners } from 'node:events';

import { describe, expect, it } from 'vitest';

import type { Store } from '@imgferry/core';
import { settle } from './a-run.ts';
import { eventScene as scene } from './event-scene.ts';

/** How many read the events of a store at the moment. */
function counted() {
  const counts = { open: 0, pulled: 0 };
  const events = (store: Store): Store['events'] =>
    async function* (options) {
      counts.open += 1;
      try {
        for await (const event of store.events(options)) {
          counts.pulled += 1;
          yield event;
        }
      } finally {
        counts.open -= 1;
      }
    };
  return { counts, store: (store: Store): Partial<Store> => ({ events: events(store) }) };
}

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('of streams that are left nothing is left behind', { timeout: 60_000 }, () => {
  it.each(['by cancelling', 'by its signal'])('%s, again and again', async (how) => {
    const { counts, store } = counted();
    const { submit, open, signals } = scene({ store, options: { maxEventStreams: 10 } });
    const jobId = await submit(1);
    const before = timers();
    const comeAndGo = async (): Promise<void> => {
      const own = new AbortController();
      const client = await open(jobId, undefined, { signal: own.signal });
      expect(client.answer.status).toBe(200);
      if (signals.length % 2 === 0) await client.until('snapshot');
      // Also while it waits for what comes next.
      const waiting = client.until(2).catch(() => {});
      if (how === 'by its signal') own.abort();
      else await client.leave();
      await waiting;
    };
    // There is room for ten, so each ten find that those before them have left their places.
    for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 10 }, comeAndGo));
    await expect.poll(() => [counts.open, timers() <= before]).toEqual([0, true]);
    expect(signals.filter((signal) => getEventListeners(signal, 'abort').length > 0)).toEqual([]);
  });

  it('when nobody ever reads the answer', async () => {
    const { counts, store } = counted();
    const { submit, open } = scene({ store, options: { maxEventStreams: 1, stallTimeoutMs: 10 } });
    const jobId = await submit(1);
    expect((await open(jobId)).answer.status).toBe(200);
    await expect.poll(() => counts.open).toBe(0);
    expect((await open(jobId)).answer.status).toBe(200);
  });

  it('when the job is gone or the store is away while they begin', async () => {
    const { counts, store } = counted();
    let looks = 0;
    const { submit, get } = scene({
      options: { maxEventStreams: 1 },
      store: (memory) => ({
        ...store(memory),
        async get(jobId) {
          looks += 1;
          if (looks % 3 === 0) throw new Error('gone');
          return memory.get(jobId);
        },
      }),
    });
    const jobId = await submit(1);
    for (let time = 0; time < 5; time += 1)
      expect((await get(`/v1/images/upload/${jobId}/events`)).status).toBe(500);
    await expect.poll(() => counts.open).toBe(0);
  });
});

it('a gap that can not be told at the beginning leaves nothing behind either', async () => {
  const { counts, store } = counted();
  const { submit, open } = scene({
    options: { maxEventStreams: 1 },
    store: (memory) => ({
      ...store(memory),
      uploads: async () => {
        throw new Error('gone');
      },
    }),
  });
  const jobId = await submit(1);
  for (let time = 0; time < 3; time += 1) expect((await open(jobId, ':1')).answer.status).toBe(500);
  await expect.poll(() => counts.open).toBe(0);
});

describe('a thousand clients of one job', { timeout: 60_000 }, () => {
  it('hear everything in order, each event and all progress written once', async () => {
    const { submit, get, store } = scene();
    const jobId = await submit(20);
    const chunks = new Set<Uint8Array>();
    const listen = async () => {
      const answer = await get(`/v1/images/upload/${jobId}/events`);
      expect(answer.status).toBe(200);
      const reader = answer.body?.getReader();
      const heard: Uint8Array[] = [];
      return {
        async next(): Promise<boolean> {
          const { done = true, value } = (await reader?.read()) ?? {};
          if (value !== undefined) heard.push(value);
          return !done;
        },
        heard,
      };
    };
    const clients = await Promise.all(Array.from({ length: 1_000 }, listen));
    const opening = async ({ next }: (typeof clients)[number]): Promise<void> => {
      await next();
      await next();
    };
    await Promise.all(clients.map(opening));
    const all = Promise.all(
      clients.map(async ({ next, heard }) => {
        while (await next());
        for (const chunk of heard.slice(2)) chunks.add(chunk);
        return Buffer.concat(heard.slice(2)).toString();
      }),
    );
    const { leases } = await store.queue.claim({ host: 'fake', limit: 1, leaseMs: 60_000, workerId: 'w' });
    for (const lease of leases) {
      await store.tellProgress([{ lease, sentBytes: 30, totalBytes: 40 }]);
      await expect
        .poll(() => clients.every(({ heard }) => /progressed/.test(String(heard.at(-1)))))
        .toBe(true);
      await store.queue.release([{ lease, delayMs: 0, countAttempt: false, posts: 0 }]);
    }
    for (let at = 0; at < 20; at += 1) await settle(store, 1);
    const texts = new Set(await all);
    expect(texts.size).toBe(1);
    const [text = ''] = texts;
    expect([...text.matchAll(/completed\n.*\n.*"index":(\d+)/g)].map(([, index]) => Number(index))).toEqual(
      Array.from({ length: 20 }, (_, at) => at),
    );
    expect(text.match(/^event: /gm)).toHaveLength(23);
    expect(text.match(/^event: upload:progressed$/gm)).toHaveLength(1);
    expect(chunks.size).toBe(23);
  });
});

it('any number of clients that take nothing of the long gaps of two jobs hold each once', async () => {
  const { submit, get } = scene();
  const jobIds = [await submit(1_000), await submit(1_000)];
  const chunks = new Set<Uint8Array>();
  for (let time = 0; time < 20; time += 1) {
    const jobId = jobIds[time % 2];
    const answer = await get(`/v1/images/upload/${jobId}/events`, { 'last-event-id': 'another-memory' });
    const reader = answer.body?.getReader();
    for (;;) {
      const { value } = (await reader?.read()) ?? {};
      if (value === undefined || value.length < 10_000) continue;
      chunks.add(value);
      break;
    }
    await reader?.cancel();
  }
  expect(chunks.size).toBe(2);
});
