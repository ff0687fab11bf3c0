import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, inject, it } from 'vitest';

import {
  type EventsOptions,
  type Store,
  type StoreEvent,
  Uploader,
  type UploaderOptions,
} from '@imgferry/core';
import { createFakeHost, createFakeSource, type FakeImage, sampleImage } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { RedisStore } from '@imgferry/redis-store';
import { followAJob } from './snippets/follow-a-job.ts';
import { followProgress } from './snippets/follow-progress.ts';

const url = 'https://pictures.example/a.png';
const uploaders: Uploader[] = [];
const stores: Store[] = [];

afterEach(async () => {
  await Promise.all(uploaders.splice(0).map((uploader) => uploader.stop()));
  await Promise.all(stores.splice(0).map((store) => store.close()));
});

/** The stores of two processes that share their jobs. */
const sharedStores: Readonly<Record<string, () => readonly [Store, Store]>> = {
  memory: () => {
    const store = new MemoryStore();
    return [store, store];
  },
  Redis: () => {
    const redis = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
    return [new RedisStore(redis), new RedisStore(redis)];
  },
};

async function all(events: AsyncIterable<StoreEvent>): Promise<StoreEvent[]> {
  const read: StoreEvent[] = [];
  for await (const event of events) read.push(event);
  return read;
}

/** A store whose events are these. */
function withEvents(store: Store, events: Store['events']): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = name === 'events' ? events : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const types = (events: readonly StoreEvent[]): string[] => events.map(({ type }) => type);

describe.each(Object.keys(sharedStores))('an application that only takes jobs in, by %s', (name) => {
  /** The application, and a worker elsewhere. */
  function twoOfAFleet(
    picture: FakeImage = sampleImage('image/png'),
    timing: Partial<UploaderOptions> = { leaseMs: 1_000, heartbeatMs: 20 },
  ) {
    const [here, elsewhere] = sharedStores[name]?.() ?? expect.fail();
    const parts = {
      source: createFakeSource({ [url]: picture }),
      host: createFakeHost(),
    };
    const application = new Uploader({ ...parts, store: here });
    const worker = new Uploader({ ...parts, ...timing, store: elsewhere, workerId: 'w' });
    stores.push(here, elsewhere);
    uploaders.push(application, worker);
    return { application, worker, here };
  }

  it('hears that a job has finished which another uploader worked on', async () => {
    const { application, worker } = twoOfAFleet();
    const { jobId } = await application.submit([url]);
    const lines: string[] = [];
    const followed = followAJob(application, jobId, (line) => lines.push(line), AbortSignal.timeout(10_000));
    const finished = application.finished(jobId);
    worker.start();
    await followed;
    expect(lines).toEqual([`${url} is now https://img.example/1`, '1 complete, 0 failed']);
    expect(await finished).toMatchObject({ id: jobId, status: 'complete' });
  });

  it('sees how far an upload is that another uploader works on, until it is complete', async () => {
    const shown: number[] = [];
    const seen = Promise.withResolvers<void>();
    const beforeChunk = async (index: number) => {
      if (index > 0) await Promise.race([seen.promise, sleep(20)]);
    };
    const bytes = sampleImage('image/png', { bytes: 5_000 });
    const { application, worker } = twoOfAFleet({ bytes, chunks: 1_000, stream: true, beforeChunk }, {});
    const { jobId } = await application.submit([url]);
    const show = (_url: string, share: number) => {
      shown.push(share);
      seen.resolve();
    };
    const followed = followProgress(application, jobId, show, AbortSignal.timeout(20_000));
    worker.start();
    await followed;
    const [first, last] = [shown[0] ?? 0, shown.at(-1)];
    expect(first > 0 && first < 1).toBe(true);
    expect(last).toBe(1);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
  });

  it('goes on from the event it last heard, and never waits for what has been told', async () => {
    const { application, worker } = twoOfAFleet();
    const { jobId } = await application.submit([url]);
    const followed = all(application.follow(jobId));
    worker.start();
    const [first, ...rest] = await followed;
    expect(types([...rest])).toEqual(['upload:completed', 'job:finished']);
    const after = (id = ''): Promise<StoreEvent[]> => all(application.follow(jobId, { after: id }));
    expect(await after(first?.id)).toEqual(rest);
    expect(await after(rest.at(-1)?.id)).toEqual([]);
    expect(types(await after('of-another-history'))).toEqual([
      'gap',
      'job:created',
      'job:started',
      ...types(rest),
    ]);
    expect(await all(application.follow(jobId))).toEqual([]);
    expect(await all(application.follow('unknown', { after: first?.id ?? '' }))).toEqual([]);
  });

  it('hears each run of a job that is retried', async () => {
    const { application, worker } = twoOfAFleet();
    const { jobId } = await application.submit(['https://pictures.example/gone.png']);
    worker.start();
    const first = await all(application.follow(jobId));
    expect(types(first).at(-1)).toBe('job:finished');
    await application.retry(jobId);
    const second = await all(application.follow(jobId, { after: first.at(-1)?.id ?? '' }));
    expect(types(second)).toEqual(['job:retried', 'upload:failed', 'job:finished']);
  });

  it('goes on with a job that is retried between its look at it and its read of what is left', async () => {
    const { application, worker, here } = twoOfAFleet();
    const { jobId } = await application.submit([url]);
    const first = all(application.follow(jobId));
    await application.cancel(jobId);
    const [end] = (await first).slice(-1);
    let hasEndedAgain = false;
    async function* events(options: EventsOptions) {
      if (options.live === false) await worker.retry(jobId);
      const told = here.events(options)[Symbol.asyncIterator]();
      const next = told.next();
      if (options.live !== false && options.after !== end?.id) {
        hasEndedAgain = true;
        await worker.cancel(jobId);
      }
      for (let read = await next; !read.done; read = await told.next()) yield read.value;
    }
    const late = new Uploader({
      source: createFakeSource(),
      host: createFakeHost(),
      store: withEvents(here, events),
    });
    const told = await all(late.follow(jobId, { after: end?.id ?? '' }));
    expect(types(told)).toEqual(['job:retried', 'job:finished']);
    expect(hasEndedAgain).toBe(true);
  });

  it('hears what an operator does with a job, wherever it is done', async () => {
    const { application, worker } = twoOfAFleet();
    const { jobId } = await application.submit([url]);
    const heard = all(application.follow(jobId));
    await worker.pause({ jobId });
    worker.start();
    await worker.pause('queue');
    await worker.resume('queue');
    await application.resume({ jobId });
    const told = await heard;
    expect(types(told)).toEqual([
      ...['job:paused', 'queue:paused', 'queue:resumed', 'job:resumed'],
      ...['job:started', 'upload:completed', 'job:finished'],
    ]);
    expect(told[0]).toMatchObject({ jobId, job: { paused: true, pausedBy: ['job'] } });
  });

  it('hears the whole fleet until it has heard enough', async () => {
    const { application, worker } = twoOfAFleet();
    const heard: StoreEvent[] = [];
    const told = (type: string): number => types(heard).filter((each) => each === type).length;
    const enough = new AbortController();
    const following = (async () => {
      for await (const event of application.follow(undefined, { signal: enough.signal })) heard.push(event);
    })();
    worker.start();
    await Promise.all([application.submit([url]), application.submit([url])]);
    await expect.poll(() => told('job:finished'), { timeout: 10_000 }).toBe(2);
    enough.abort();
    await following;
    expect(told('job:created')).toBe(2);
  });

  it('sees the workers and can drain them', async () => {
    const { application, worker } = twoOfAFleet();
    worker.start();
    await expect.poll(() => application.workers()).toMatchObject([{ id: 'w', state: 'online', slots: 8 }]);
    expect(await application.command({ workerId: 'another' }, { type: 'drain' })).toBe(0);
    expect(await application.command({ workerId: 'w' }, { type: 'drain' })).toBe(1);
    await worker.stopped;
    expect(await application.workers()).toEqual([]);
  });
});
