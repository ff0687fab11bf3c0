import { afterEach, describe, expect, it } from 'vitest';

import { type StoreEvent, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource, sampleImage } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { followAJob } from './snippets/follow-a-job.ts';

const url = 'https://pictures.example/a.png';
const uploaders: Uploader[] = [];

afterEach(async () => {
  await Promise.all(uploaders.splice(0).map((uploader) => uploader.stop()));
});

/** An application that only takes jobs in, and a worker elsewhere: two uploaders of one store. */
function twoOfAFleet(store = new MemoryStore()) {
  const parts = {
    store,
    source: createFakeSource({ [url]: sampleImage('image/png') }),
    host: createFakeHost(),
  };
  const application = new Uploader(parts);
  const worker = new Uploader({ ...parts, leaseMs: 60, heartbeatMs: 20, workerId: 'w' });
  uploaders.push(application, worker);
  return { application, worker };
}

async function all(events: AsyncIterable<StoreEvent>): Promise<StoreEvent[]> {
  const read: StoreEvent[] = [];
  for await (const event of events) read.push(event);
  return read;
}

const types = (events: readonly StoreEvent[]): string[] => events.map(({ type }) => type);

describe('an application that only takes jobs in', () => {
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
    expect(types(second)).toEqual(['upload:failed', 'job:finished']);
  });

  it('hears the whole fleet until it has heard enough', async () => {
    const { application, worker } = twoOfAFleet();
    const heard: StoreEvent[] = [];
    const enough = new AbortController();
    const following = (async () => {
      for await (const event of application.follow(undefined, { signal: enough.signal })) heard.push(event);
    })();
    worker.start();
    const jobs = await Promise.all([application.submit([url]), application.submit([url])]);
    await Promise.all(jobs.map(({ jobId }) => application.finished(jobId)));
    enough.abort();
    await following;
    expect(types(heard).filter((type) => type === 'job:created')).toHaveLength(2);
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
