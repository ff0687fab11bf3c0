import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { type Store, type StoreEvent, StoreUnavailableError } from '@imgferry/core';
import { MemoryStore } from '@imgferry/memory-store';
import { settle } from './a-run.ts';
import { clientOf, type EventClient, typesOf } from './event-client.ts';
import type { Heard } from './event-parser.ts';
import { eventScene as scene } from './event-scene.ts';
import { whatPauses } from './snippets/event-source.ts';

const indexes = (events: readonly Heard[]): number[] =>
  events.filter(({ type }) => type === 'upload:completed').map(({ data }) => data.index);

describe('a client that comes back', () => {
  it('goes on from every place, while the job runs and when it is complete', async () => {
    const { submit, open, store } = scene();
    const jobId = await submit(4);
    const first = await open(jobId);
    await first.until('snapshot');
    await settle(store, 2);
    const [, ...begun] = await first.until(4);
    for (const [at, { id }] of begun.entries()) {
      const client = await open(jobId, id);
      const rest = begun.slice(at + 1);
      expect(await client.until(rest.length)).toEqual(rest);
      await client.leave();
    }
    await settle(store, 2);
    const [, ...all] = await first.all();
    expect(typesOf(all)).toEqual([
      'job:started',
      ...Array.from({ length: 4 }, () => 'upload:completed'),
      'job:finished',
    ]);
    for (const [at, { id }] of all.slice(0, -1).entries())
      expect(await (await open(jobId, id)).all()).toEqual(all.slice(at + 1));
    expect((await open(jobId, all.at(-1)?.id)).answer.status).toBe(204);
  });

  it('says where it was in the header or, of a page that was loaded anew, in the query; the header wins', async () => {
    const { submit, open, store, get } = scene();
    const jobId = await submit(2);
    const first = await open(jobId);
    await first.until('snapshot');
    await settle(store, 2);
    const [, started, ...rest] = await first.all();
    const path = `/v1/images/upload/${jobId}/events`;
    const inQuery = `${path}?after=${encodeURIComponent(String(started?.id))}`;
    expect(await clientOf(await get(inQuery)).all()).toEqual(rest);
    const last = rest.at(-1)?.id ?? '';
    expect((await get(inQuery, { 'last-event-id': last })).status).toBe(204);
    expect(typesOf(await clientOf(await get(`${path}?after=`)).all())).toEqual(['snapshot', 'job:finished']);
    expect((await get(`${path}?after=1&after=2`)).status).toBe(400);
    const long = 'x'.repeat(600);
    const reason = 'must be the id of an event, of at most 512 characters';
    expect(await (await get(path, { 'last-event-id': long })).json()).toMatchObject({
      status: 400,
      errors: [{ header: 'Last-Event-ID', reason }],
    });
    expect(await (await get(`${path}?after=${long}`)).json()).toMatchObject({
      status: 400,
      errors: [{ parameter: 'after', reason }],
    });
  });

  it('behind the end, by an id of the store alone, is told that nothing comes', async () => {
    const { submit, open, store } = scene();
    const jobId = await submit(1);
    const events: StoreEvent[] = [];
    const over = new AbortController();
    const following = (async () => {
      for await (const event of store.events({ signal: over.signal })) events.push(event);
    })();
    await settle(store, 1);
    const another = await submit(1);
    await expect.poll(() => events.length).toBe(4);
    over.abort();
    await following;
    expect(events.at(-1)).toMatchObject({ type: 'job:created', jobId: another });
    expect((await open(jobId, events.at(-1)?.id)).answer.status).toBe(204);
  });

  it('after a retry hears what the retry does, whatever end it had heard', async () => {
    let now = 1_700_000_000_000;
    const clock = (): number => (now += 1);
    const { submit, open, store, uploader } = scene({ createStore: () => new MemoryStore({ clock }) });
    const jobId = await submit(1);
    const first = await open(jobId);
    await first.until('snapshot');
    await settle(store, 1, 'failed');
    const ended = (await first.all()).at(-1);
    const late = (await (await open(jobId)).all()).at(-1);
    expect([ended?.type, late?.type]).toEqual(['job:finished', 'job:finished']);
    expect(late?.id).toMatch(/^:\d+$/);
    for (const id of [ended?.id, late?.id]) expect((await open(jobId, id)).answer.status).toBe(204);
    await uploader.retry(jobId);
    const heard = await open(jobId, ended?.id);
    const missed = await open(jobId, late?.id);
    expect(typesOf(await missed.until(1))).toEqual(['gap']);
    expect(missed.parser.events[0]?.data).toMatchObject({
      job: { waiting: 1 },
      view: { status: 'in-progress' },
    });
    await settle(store, 1);
    expect(typesOf(await heard.all())).toEqual(['job:retried', 'upload:completed', 'job:finished']);
    expect(typesOf(await missed.all())).toEqual(['gap', 'upload:completed', 'job:finished']);
    const type = async (id: string | undefined) => typesOf(await (await open(jobId, id)).all());
    expect(await type(ended?.id)).toEqual(typesOf(heard.parser.events));
    expect(await type(late?.id)).toEqual(['gap', 'job:finished']);
    for (const { parser } of [heard, missed])
      expect((await open(jobId, parser.lastEventId)).answer.status).toBe(204);
  });
});

describe('a client that comes back while the job is retried', () => {
  it('goes on with it, and is not told that nothing comes', async () => {
    let retry = async (): Promise<unknown> => undefined;
    const { submit, open, store, uploader } = scene({
      store: (kept) => ({
        async *events(options) {
          if (options.live === false) await retry();
          yield* kept.events(options);
        },
      }),
    });
    const jobId = await submit(1);
    const first = await open(jobId);
    await first.until('snapshot');
    await settle(store, 1, 'failed');
    const [end] = (await first.all()).slice(-1);
    retry = () => uploader.retry(jobId);
    const client = await open(jobId, end?.id?.replace(/:\d+$/, ''));
    expect(typesOf(await client.until(1))).toEqual(['job:retried']);
    await settle(store, 1);
    expect(typesOf(await client.all())).toEqual(['job:retried', 'upload:completed', 'job:finished']);
  });
});

describe('a client that comes back when it can not be served', () => {
  const putOff = async ({ answer, all, parser }: EventClient): Promise<void> => {
    expect([answer.status, await all()]).toEqual([200, []]);
    expect(parser.retryMs).toBeGreaterThanOrEqual(2_000);
  };

  it('is told to come back later while the store is away; one that is new is refused', async () => {
    let isAway = false;
    const { submit, open } = scene({
      store: (store) => ({
        get: async (jobId) => {
          if (isAway) throw new StoreUnavailableError('away');
          return store.get(jobId);
        },
      }),
    });
    const jobId = await submit(1);
    isAway = true;
    await putOff(await open(jobId, 'any'));
    const { answer } = await open(jobId);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    isAway = false;
    expect(typesOf(await (await open(jobId, 'any')).until(1))).toEqual(['gap']);
  });

  it('is told so when no place is free', async () => {
    const { submit, open } = scene({ options: { maxEventStreams: 1 } });
    const jobId = await submit(1);
    const first = await open(jobId);
    await putOff(await open(jobId, 'any'));
    expect((await open(jobId)).answer.status).toBe(503);
    await first.leave();
    expect(typesOf(await (await open(jobId, 'any')).until(1))).toEqual(['gap']);
  });
});

describe('a client that missed events', () => {
  const createStore = (): Store => new MemoryStore({ maxEvents: 3 });

  it('is told so with the job as it is, and then only what is not in it', async () => {
    const { submit, open, store, get } = scene({ createStore });
    const jobId = await submit(10);
    const first = await open(jobId);
    await first.until('snapshot');
    await settle(store, 1);
    const [, started] = await first.until('upload:completed');
    await first.leave();
    await settle(store, 8);
    const client = await open(jobId, started?.id);
    const [gap] = await client.until(1);
    expect(gap).toMatchObject({ type: 'gap', id: undefined });
    expect(gap?.data.job).toMatchObject({ total: 10, complete: 9, waiting: 1 });
    expect(gap?.data.view).toEqual(await (await get(`/v1/images/upload/${jobId}`)).json());
    const again = await open(jobId, started?.id);
    expect(await again.until(1)).toEqual([gap]);
    await settle(store, 1);
    for (const each of [client, again]) {
      const events = await each.all();
      expect(typesOf(events)).toEqual(['gap', 'upload:completed', 'job:finished']);
      expect(indexes(events)).toEqual([9]);
    }
    expect((await open(jobId, client.parser.lastEventId)).answer.status).toBe(204);
  });

  it('while it was connected is told the same, and goes on from there', async () => {
    const { submit, open, store } = scene({ createStore });
    const jobId = await submit(10);
    const client = await open(jobId);
    await client.until('snapshot');
    await settle(store, 8);
    const behind = [...(await client.until('gap'))];
    const gap = behind.at(-1);
    expect(gap?.data.job).toMatchObject({ complete: 8, waiting: 2 });
    await settle(store, 2);
    const after = (await client.all()).slice(behind.length);
    expect(typesOf(after)).toEqual(['upload:completed', 'upload:completed', 'job:finished']);
    expect(indexes(after)).toEqual([8, 9]);
  });

  it('is told nothing twice of what happens while it is told so', async () => {
    let looks = 0;
    const { submit, open, store } = scene({
      store: (memory) => ({
        async uploads(...args) {
          looks += 1;
          if (looks <= 2) await settle(memory, 1);
          return memory.uploads(...args);
        },
      }),
    });
    const jobId = await submit(6);
    const client = await open(jobId, 'another-memory');
    const [gap] = await client.until('gap');
    expect(gap?.data.job.complete).toBe(2);
    await settle(store, 4);
    expect(indexes(await client.all())).toEqual([2, 3, 4, 5]);
  });

  it.each(['0123abcd-7', '1-1.0', 'ä', '%zz', ':', 'a:b:1', ':1'])(
    'or comes with an id of another memory (%s), is told so',
    async (id) => {
      const { submit, open, store } = scene();
      const jobId = await submit(1);
      const after = await open(jobId, undefined, {
        headers: { 'last-event-id': Buffer.from(id).toString('latin1') },
      });
      const [gap] = await after.until(1);
      expect(gap).toMatchObject({ type: 'gap', data: { job: { id: jobId }, view: { status: 'pending' } } });
      await settle(store, 1);
      expect(typesOf(await after.all()).at(-1)).toBe('job:finished');
    },
  );

  it('of a complete job hears its end all the same, and nothing when it comes back', async () => {
    const { submit, open, store } = scene({ createStore });
    const jobId = await submit(1);
    await settle(store, 1);
    await submit(1);
    await submit(1);
    await submit(1);
    const client = await open(jobId, 'another-memory');
    const events = await client.all();
    expect(typesOf(events)).toEqual(['gap', 'job:finished']);
    expect((await open(jobId, events.at(-1)?.id)).answer.status).toBe(204);
  });

  it('reads the view together with all who missed some at the same time, and none older than its gap', async () => {
    let reads = 0;
    const { submit, open } = scene({
      store: (store) => ({
        uploads: (...args) => {
          reads += 1;
          return store.uploads(...args);
        },
      }),
    });
    const jobId = await submit(100);
    const clients = await Promise.all(Array.from({ length: 200 }, () => open(jobId, 'another-memory')));
    const gaps = await Promise.all(clients.map((client) => client.until('gap')));
    expect(gaps.every(([gap]) => gap?.data.view.uploaded.pending.length === 100)).toBe(true);
    expect(reads).toBeLessThan(5);
  });
});

describe('a page that shows what pauses its job', () => {
  it('is told of the pauses of the queue and of its own host, so that it can keep this right', async () => {
    const { submit, open, store } = scene();
    const jobId = await submit(1);
    const client = await open(jobId);
    await client.until('snapshot');
    const listeners = new Map<string, ((event: { data: string }) => void)[]>();
    const pausedBy = whatPauses({
      addEventListener: (name: string, listener: (event: { data: string }) => void) =>
        void listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    });
    let heard = 0;
    const shown = async (events: number): Promise<readonly string[]> => {
      for (const { type, data } of (await client.until(events)).slice(heard))
        for (const listener of listeners.get(type) ?? []) listener({ data: JSON.stringify(data) });
      heard = events;
      return [...pausedBy].toSorted();
    };
    const isTold: unknown[] = [];
    let count = 1;
    for (const what of ['queue', { host: 'another' }, { host: 'fake' }, { jobId }] as const)
      for (const step of ['pause', 'resume'] as const) {
        await store[step](what);
        if (typeof what === 'object' && 'host' in what && what.host === 'another') continue;
        count += 1;
        isTold.push(await shown(count));
        expect(pausedBy).toEqual(new Set((await store.get(jobId))?.pausedBy));
      }
    expect(isTold).toEqual([['queue'], [], ['host'], [], ['job'], []]);
    await settle(store, 1);
    await client.all();
    expect(client.parser.events.filter(({ type }) => type === 'host:paused').map(({ data }) => data)).toEqual(
      [{ host: 'fake', reason: 'operator', forMs: null, at: expect.any(String) }],
    );
  });
});

describe('the beginning of a stream', () => {
  it('counts nothing twice and misses nothing, whatever happens while it begins', async () => {
    let looks = 0;
    const { submit, open, store } = scene({
      store: (memory) => ({
        async get(jobId) {
          looks += 1;
          // The second and the third are those of who follows and of who reads how the job is.
          if (looks === 2 || looks === 3) await settle(memory, 1);
          return memory.get(jobId);
        },
      }),
    });
    const jobId = await submit(6);
    const client = await open(jobId);
    await client.until('snapshot');
    await settle(store, 4);
    const [snapshot, ...events] = await client.all();
    expect(snapshot?.data.job.complete).toBe(2);
    expect(indexes(events)).toEqual([2, 3, 4, 5]);
  });

  it('of a job that is complete is its end too', async () => {
    const { submit, open, store } = scene();
    const jobId = await submit(2);
    await settle(store, 2);
    const [snapshot, finished, ...more] = await (await open(jobId)).all();
    expect(more).toEqual([]);
    expect(finished?.data.job).toEqual(snapshot?.data.job);
    expect(finished?.data).toMatchObject({ jobId, at: snapshot?.data.job.finished });
  });
});

describe('a quiet stream', () => {
  it('says again and again that somebody is there', async () => {
    const { submit, open, store } = scene({ options: { eventHeartbeatMs: 1 } });
    const jobId = await submit(1);
    const client = await open(jobId);
    await client.until('snapshot');
    const settling = new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (client.parser.comments < 3) setImmediate(look);
        else settle(store, 1).then(resolve, reject);
      };
      look();
    });
    expect(typesOf(await client.all())).toEqual([
      'snapshot',
      'job:started',
      'upload:completed',
      'job:finished',
    ]);
    await settling;
    expect(client.parser.comments).toBeGreaterThanOrEqual(3);
  });

  it('ends with its store', async () => {
    const { submit, open, store } = scene();
    const client = await open(await submit(1));
    await client.until('snapshot');
    await store.close();
    expect(typesOf(await client.all())).toEqual(['snapshot']);
  });
});

it('an id of a store is one line, whatever the store makes of it', async () => {
  const odd = `a:b c\nd\u0000é${randomUUID()}`;
  const { submit, open } = scene({
    store: (store) => ({
      async *events({ after }) {
        const job = await store.get(jobId);
        if (job === undefined) return;
        if (after !== odd) yield { type: 'job:started', jobId, id: odd, at: 0 };
        yield { type: 'job:finished', jobId, job: { ...job, finishedAt: 1 }, id: `${odd}2`, at: 1 };
      },
    }),
  });
  const jobId = await submit(1);
  const [, started, finished] = await (await open(jobId)).all();
  expect([started?.type, finished?.type]).toEqual(['job:started', 'job:finished']);
  expect(await (await open(jobId, started?.id)).all()).toEqual([finished]);
});
