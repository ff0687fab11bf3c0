import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { type FleetListOptions, type Stats, StoreUnavailableError, silentLogger } from '@imgferry/core';
import type { Authorization, Monitor, UploadsView } from '@imgferry/monitor';
import type { Call } from '../src/call.ts';
import { Live } from '../src/live/live.ts';
import { LiveStream } from '../src/live/live-stream.ts';
import { type Watcher, type Watches, watchesIn } from '../src/live/watches.ts';
import { resolveOptions } from '../src/options.ts';
import { Readings } from '../src/read/readings.ts';
import { shownBy } from '../src/shown.ts';
import { LiveClient } from './live-client.ts';
import { createScene, here, origin, type Scene, type SceneChanges } from './scene.ts';
import { scriptName } from '#page';

const scenes: Scene[] = [];
const clients: LiveClient[] = [];
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const client of clients.splice(0)) await client.leave();
  for (const scene of scenes.splice(0)) await scene.stop();
});

function scene(changes: SceneChanges = {}): Scene {
  const made = createScene(changes);
  scenes.push(made);
  return made;
}

function clientOf(answer: Response): LiveClient {
  const client = new LiveClient(answer);
  clients.push(client);
  return client;
}

const watching = (...watches: string[]): string =>
  `/api/live?${new URLSearchParams(watches.map((each): [string, string] => ['watch', each]))}`;

async function watch({ monitor }: { monitor: Monitor }, ...watches: string[]): Promise<LiveClient> {
  return clientOf(await monitor(new Request(`${origin}${watching(...watches)}`), here));
}

const someJob = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';

/** The streams without what is around them, so that a test can see what is open. */
function liveOf(
  { uploader }: Scene,
  changes: Partial<Parameters<typeof resolveOptions>[0]> = {},
): {
  readonly live: Live;
  readonly open: (watches: string[], signal?: AbortSignal) => LiveClient;
} {
  const options = resolveOptions({
    access: { loopback: '::1' },
    refreshMs: 100,
    logger: silentLogger,
    ...changes,
  });
  const shown = shownBy(options);
  const readings = new Readings(uploader, options.refreshMs);
  const live = new Live({ uploader, readings, shown }, options);
  const open = (watches: string[], signal?: AbortSignal): LiveClient => {
    const request = new Request(`${origin}${watching(...watches)}`, signal === undefined ? {} : { signal });
    const call = {
      request,
      connection: {},
      visitor: { role: 'read', user: null },
      query: new URL(request.url).searchParams,
    };
    return clientOf(live.stream(call as Call));
  };
  return { live, open };
}

const clock = { now: () => Date.now(), knowTime: async () => {} };

describe('whoever watches', () => {
  it('is greeted, then told how things are, and then what has changed', async () => {
    const made = scene();
    const client = await watch(made, 'overview', 'queue');
    expect(await client.next()).toMatchObject({
      event: 'hello',
      data: { role: 'write', script: scriptName },
    });
    const first = [await client.next(), await client.next()];
    expect(first.map((each) => [each?.event, each?.data.watch]).toSorted()).toEqual([
      ['change', 'overview'],
      ['change', 'queue'],
    ]);
    await made.uploader.submit(['https://source.example/0.png']);
    const change = await client.next(({ data }) => data.watch === 'queue' && data.value.waiting === 1);
    expect(change?.event).toBe('change');
    expect(change?.data.value).toMatchObject({ liveJobs: 1 });
  });

  it('is told the same as a GET answers, with its query', async () => {
    const made = scene();
    await made.uploader.submit(['https://source.example/0.png']);
    await made.uploader.submit(['https://source.example/1.png']);
    const client = await watch(made, '/jobs?limit=1');
    const told = await client.nextOf('change');
    expect(told?.data.watch).toBe('/jobs?limit=1');
    expect(told?.data.value).toEqual(await made.read('/api/jobs?limit=1'));
  });

  it('is told the time of the store, from the first word on, however wrong the clock is here', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 100_000_000 });
    const made = scene({
      store: (store) => ({
        stats: async (): Promise<Stats> => ({ ...(await store.stats()), at: 1_000_000 }),
      }),
    });
    const client = await watch(made, 'settings', 'overview');
    expect((await client.nextOf('hello'))?.data.now).toBe(1_000_000);
    const told = [await client.nextOf('change'), await client.nextOf('change')];
    expect(told.map((each) => each?.data.now)).toEqual([1_000_000, 1_000_000]);
    const overview = told.find((each) => each?.data.watch === 'overview')?.data.value;
    expect(overview.minutes.at(-1).at).toBe(960_000);
  });

  it('is told the time of this machine where the store can not tell it', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 7_000_000 });
    const made = scene({ store: () => ({ stats: () => Promise.reject(new StoreUnavailableError('away')) }) });
    expect((await (await watch(made, 'workers')).nextOf('hello'))?.data.now).toBe(7_000_000);
  });

  it('hears nothing while nothing changes', async () => {
    let looks = 0;
    const made = scene({
      store: (store) => ({
        async stats() {
          looks += 1;
          return looks < 5
            ? store.stats()
            : { ...(await store.stats()), totals: { ...(await store.stats()).totals, bytes: 7 } };
        },
      }),
    });
    const client = await watch(made, 'queue');
    expect((await client.nextOf('change'))?.data.value.bytes).toBe(0);
    expect((await client.nextOf('change'))?.data.value.bytes).toBe(7);
    expect(looks).toBeGreaterThanOrEqual(5);
  });

  it('hears of trouble while the store is away, and of the same once it is back', async () => {
    let isAway = false;
    const made = scene({
      store: (store) => ({
        stats: () =>
          isAway ? Promise.reject(new StoreUnavailableError('redis://:canary@h')) : store.stats(),
      }),
    });
    const client = await watch(made, 'queue');
    const before = await client.nextOf('change');
    isAway = true;
    const trouble = await client.next(({ event }) => event !== 'hello');
    expect(trouble).toMatchObject({ event: 'trouble', data: { watch: 'queue', problem: { status: 503 } } });
    expect(JSON.stringify([trouble, made.logged])).not.toContain('canary');
    isAway = false;
    const after = await client.next();
    expect([after?.event, after?.data.value]).toEqual(['change', before?.data.value]);
    expect(made.logged).toHaveLength(1);
  });

  it('what is unknown is told that it is, and goes on', async () => {
    const made = scene();
    const client = await watch(made, 'workers/w-1');
    expect((await client.nextOf('trouble'))?.data.problem.status).toBe(404);
    made.uploader.start();
    expect((await client.nextOf('change'))?.data.value.id).toBe('w-1');
  });

  it("a job's uploads hears how far they are", async () => {
    const made = scene();
    const { jobId } = await made.uploader.submit(['https://source.example/0.png']);
    const { leases } = await made.store.queue.claim({
      host: 'fake',
      limit: 1,
      leaseMs: 60_000,
      workerId: 'w',
    });
    const [uploads, job] = [await watch(made, `jobs/${jobId}/uploads`), await watch(made, `jobs/${jobId}`)];
    const progress = leases.map((lease) => ({ lease, sentBytes: 5, totalBytes: 9 }));
    // From when on it is heard is not told.
    const telling = setInterval(() => void made.store.tellProgress(progress), 5);
    const told = await uploads.nextOf('progress');
    clearInterval(telling);
    expect(told?.data).toEqual({ jobId, index: 0, sentBytes: 5, totalBytes: 9 });
    await made.uploader.pause({ jobId });
    expect(
      (await job.next(({ event, data }) => event === 'progress' || data.value?.pausedBy.length > 0))?.event,
    ).toBe('change');
  });

  it("a job's uploads hears of those alone that it is shown", async () => {
    const made = scene();
    const urls = Array.from({ length: 3 }, (_, index) => `https://source.example/${index}.png`);
    const { jobId } = await made.uploader.submit(urls);
    const { leases } = await made.store.queue.claim({
      host: 'fake',
      limit: 3,
      leaseMs: 60_000,
      workerId: 'w',
    });
    const { next } = await made.read<UploadsView>(`/api/jobs/${jobId}/uploads?limit=2`);
    const client = await watch(made, `jobs/${jobId}/uploads?limit=1&cursor=${encodeURIComponent(`${next}`)}`);
    expect((await client.nextOf('change'))?.data.value.uploads).toMatchObject([{ index: 2 }]);
    const progress = leases.map((lease) => ({ lease, sentBytes: 5, totalBytes: 9 }));
    const telling = setInterval(() => void made.store.tellProgress(progress), 5);
    const told = [await client.nextOf('progress'), await client.nextOf('progress')];
    clearInterval(telling);
    expect(told.map((each) => each?.data.index)).toEqual([2, 2]);
  });

  it('sees at once what is changed by this monitor, also when that is what was there before', async () => {
    const made = scene({ refreshMs: 3_600_000 });
    const client = await watch(made, 'paused', 'queue');
    const [first, second] = [await client.nextOf('change'), await client.nextOf('change')];
    expect([first?.data.watch, second?.data.watch].toSorted()).toEqual(['paused', 'queue']);
    await made.steer('/api/queue/pause');
    expect((await client.next(({ data }) => data.watch === 'paused'))?.data.value.queue).toBe(true);
    await made.uploader.resume('queue');
    await made.uploader.pause('queue');
    await made.steer('/api/queue/pause');
    expect((await client.next(({ data }) => data.watch === 'paused'))?.data.value.queue).toBe(true);
    await made.uploader.resume('queue');
    expect((await made.steer(`/api/jobs/55355b7c-9b86-4a1a-b32e-6cdd6db07183/cancel`)).status).toBe(404);
    expect((await client.next(({ data }) => data.watch === 'paused'))?.data.value.queue).toBe(false);
  });

  it("a job's uploads sees their end as soon as it is there", async () => {
    const made = scene({ refreshMs: 60_000, settings: { progressMs: 1 } });
    const [url = ''] = made.pictures(1);
    const held = made.host.hold();
    const { jobId } = await made.uploader.submit([url]);
    const client = await watch(made, `jobs/${jobId}/uploads`);
    expect((await client.nextOf('change'))?.data.value.uploads[0].status).toBe('waiting');
    made.uploader.start();
    await held.waitFor(1);
    held.release();
    const end = await client.next(
      ({ event, data }) => event === 'change' && data.value.uploads[0].status === 'complete',
    );
    expect(end).toBeDefined();
  });

  it.each([
    ['nothing', []],
    ['five things', ['overview', 'queue', 'workers', 'jobs', 'settings']],
    ['what there is not', ['nothing']],
    ['what leads elsewhere', ['../metrics']],
    ['a stream', ['live?watch=overview']],
    ['deletehashes', ['jobs/55355b7c-9b86-4a1a-b32e-6cdd6db07183/delete-hashes']],
    ['something that is long', [`jobs?id=${'x'.repeat(3_000)}`]],
  ])('%s is 400', async (_what, watches) => {
    expect((await scene().ask(watching(...watches))).status).toBe(400);
  });
});

describe('streams', () => {
  it('of the same thing share one look, and looks end with those who watch', async () => {
    let looks = 0;
    const held = Promise.withResolvers<void>();
    const made = scene({
      store: (store) => ({
        async stats(): Promise<Stats> {
          looks += 1;
          await held.promise;
          return store.stats();
        },
      }),
    });
    const { live, open } = liveOf(made, { refreshMs: 3_600_000 });
    const all = Array.from({ length: 20 }, () => open(['queue']));
    expect(live.size).toEqual({ streams: 20, looks: 1 });
    expect(looks).toBe(1);
    held.resolve();
    for (const client of all) expect((await client.nextOf('change'))?.data.watch).toBe('queue');
    const late = open(['queue']);
    expect((await late.nextOf('change'))?.data.watch).toBe('queue');
    expect(looks).toBe(1);
    for (const client of [...all, late]) await client.leave();
    await expect.poll(() => live.size).toEqual({ streams: 0, looks: 0 });
    const after = looks;
    expect((await open(['workers']).nextOf('change'))?.event).toBe('change');
    expect(looks).toBe(after);
  });

  it('of different things that want the same of the store ask for it once, and so does a GET', async () => {
    const asked = { stats: 0, budget: 0, failures: 0, workers: [] as FleetListOptions[] };
    const made = scene({
      refreshMs: 3_600_000,
      store: (store) => ({
        stats: () => {
          asked.stats += 1;
          return store.stats();
        },
        recentFailures: (limit) => {
          asked.failures += 1;
          return store.recentFailures(limit);
        },
        fleet: Object.assign(Object.create(store.fleet), {
          list: (options: FleetListOptions) => {
            asked.workers.push(options);
            return store.fleet.list(options);
          },
        }),
        budget: Object.assign(Object.create(store.budget), {
          list: () => {
            asked.budget += 1;
            return store.budget.list();
          },
        }),
      }),
    });
    vi.spyOn(performance, 'now').mockReturnValue(0);
    const client = await watch(made, 'overview', 'queue', 'paused', 'workers');
    for (let told = 0; told < 4; told += 1) await client.nextOf('change');
    for (const path of ['/api/overview', '/api/queue', '/api/paused', '/api/workers', '/api/settings'])
      await made.read(path);
    expect((await made.ask('/metrics')).status).toBe(200);
    const workers = [
      { holds: false, settings: false },
      { holds: false, settings: true },
    ];
    expect(asked).toEqual({ stats: 1, budget: 1, failures: 1, workers });
  });

  it('of the same thing share one look however they write it, and each is told by its own words', async () => {
    const { live, open } = liveOf(scene());
    const ways = [
      'jobs?status=pending&limit=5',
      '/jobs?limit=5&status=pending',
      'jobs?limit=5&cursor=&status=pending',
      'jobs?limit=%35&status=pendin%67',
    ];
    const client = open(ways);
    const told = [];
    for (const _ of ways) told.push((await client.nextOf('change'))?.data.watch);
    expect(told.toSorted()).toEqual(ways.toSorted());
    expect(live.size).toEqual({ streams: 1, looks: 1 });
  });

  it('watch so many different things and no more: one above is 503, and one that is watched is not', async () => {
    const made = scene({
      store: (store) => ({
        fleet: Object.assign(Object.create(store.fleet), { list: () => new Promise(() => {}) }),
      }),
    });
    const { live, open } = liveOf(made, { maxStreams: 1_000 });
    const four = (from: number): string[] => [0, 1, 2, 3].map((at) => `workers/w-${from + at}`);
    for (let from = 0; from < 500; from += 4) open(four(from));
    expect(live.size).toEqual({ streams: 125, looks: 500 });
    expect(() => open(['workers/w-7', 'workers/w-500'])).toThrow(/too many different things/);
    expect(live.size).toEqual({ streams: 125, looks: 500 });
    open(['workers/w-7']);
    expect(live.size).toEqual({ streams: 126, looks: 500 });
  });

  it('are so many and no more: one above is 503 with the time to come back', async () => {
    const made = scene({ maxStreams: 2 });
    const first = await watch(made, 'overview');
    await watch(made, 'overview');
    const refused = await made.ask(watching('overview'));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    await first.leave();
    expect(
      (await made.monitor(new Request(`${origin}${watching('queue')}`, { method: 'HEAD' }), here)).status,
    ).toBe(200);
    const again = await watch(made, 'overview');
    expect((await again.next())?.event).toBe('hello');
  });

  it('of one client are so many and no more, so that others have room', async () => {
    const made = scene({ maxStreamsPerClient: 2 });
    const from = (remoteAddress: string): Promise<Response> =>
      made.monitor(new Request(`${origin}${watching('overview')}`), { remoteAddress });
    const first = clientOf(await from('127.0.0.1'));
    clientOf(await from('127.0.0.1'));
    const refused = await from('127.0.0.1');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await clientOf(await from('127.0.0.2')).next())?.event).toBe('hello');
    await first.leave();
    expect((await clientOf(await from('127.0.0.1')).next())?.event).toBe('hello');
  });

  it('of whom nobody names are bounded by the number of all', () => {
    const { live, open } = liveOf(scene(), { maxStreamsPerClient: 1, clientOf: () => undefined });
    open(['overview']);
    open(['overview']);
    expect(live.size.streams).toBe(2);
  });

  it('end at once with their request', async () => {
    const { live, open } = liveOf(scene());
    const leaving = new AbortController();
    const client = open(['overview'], leaving.signal);
    await client.nextOf('change');
    leaving.abort();
    expect(await client.ended()).toBe(true);
    expect(live.size.streams).toBe(0);
    open(['overview'], AbortSignal.abort());
    expect(live.size.streams).toBe(0);
  });

  it('end with their request also when nobody else holds it any more', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const { live, open } = liveOf(scene());
    const leaving = new AbortController();
    const client = open(['overview'], leaving.signal);
    await client.nextOf('change');
    await new Promise(setImmediate);
    collectGarbage();
    leaving.abort();
    expect(live.size.streams).toBe(0);
    expect(await client.ended()).toBe(true);
  });

  it('end once, however often they are told to', () => {
    const ends = vi.fn();
    const watches = { watch: () => () => {} } as unknown as Watches;
    const request = new Request(origin);
    const stream = new LiveStream({ watches, watched: [], role: 'read', clock, request, onEnd: ends });
    stream.end();
    stream.end();
    expect(ends).toHaveBeenCalledTimes(1);
  });

  it('of a slow reader keep the newest and nothing between', async () => {
    let bytes = 0;
    const made = scene({
      store: (store) => ({
        async stats(): Promise<Stats> {
          const stats = await store.stats();
          bytes += 1;
          return { ...stats, totals: { ...stats.totals, bytes } };
        },
      }),
    });
    const slow = await watch(made, 'queue');
    const quick = await watch(made, 'queue');
    await quick.next(({ event, data }) => event === 'change' && data.value.bytes >= 5);
    expect((await slow.nextOf('change'))?.data.value.bytes).toBeGreaterThanOrEqual(5);
  });

  it.each<[string, Authorization]>([
    ['no longer let in', undefined],
    ['sent elsewhere', new Response()],
    ['let in with another role', 'write'],
  ])('of somebody who is %s end within a minute', async (_what, later) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let role: Authorization = 'read';
    const { live, open } = liveOf(scene(), { access: { authorize: () => role } });
    const client = open(['overview']);
    await client.nextOf('change');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(live.size.streams).toBe(1);
    role = later;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await client.ended()).toBe(true);
    expect(live.size.streams).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of somebody of whom the hook answers nothing end ten seconds later, and the hook is not asked again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const authorize = vi.fn(() => new Promise<Authorization>(() => {}));
    const { live, open } = liveOf(scene(), { access: { authorize } });
    const client = open(['overview']);
    await client.nextOf('change');
    await vi.advanceTimersByTimeAsync(69_999);
    expect(live.size.streams).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await client.ended()).toBe(true);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(authorize).toHaveBeenCalledTimes(1);
  });

  it('of somebody who has left ask nobody any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const authorize = vi.fn((): Authorization => 'read');
    const { open } = liveOf(scene(), { access: { authorize } });
    const client = open(['overview']);
    await client.nextOf('change');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(authorize).toHaveBeenCalledTimes(1);
    await client.leave();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(authorize).toHaveBeenCalledTimes(1);
  });

  it('of a slow reader keep the progress of 500 uploads at most, of each the newest', async () => {
    let told: Watcher | undefined;
    const watches = {
      watch: (_: unknown, watcher: Watcher) => {
        told = watcher;
        return () => {};
      },
    } as unknown as Watches;
    const stream = new LiveStream({
      watches,
      watched: watchesIn(new URLSearchParams({ watch: 'overview' })),
      role: 'read',
      clock,
      request: new Request(origin),
      onEnd: () => {},
    });
    for (const sentBytes of [1, 2])
      for (let index = 0; index < 600; index += 1)
        told?.progressed({ jobId: 'a-job', index, sentBytes, totalBytes: 9 });
    const client = clientOf(new Response(stream.body));
    for (let index = 0; index < 500; index += 1)
      expect((await client.nextOf('progress'))?.data).toMatchObject({ index, sentBytes: 2 });
    told?.progressed({ jobId: 'a-job', index: 700, sentBytes: 1, totalBytes: 9 });
    expect((await client.nextOf('progress'))?.data.index).toBe(700);
  });

  it.each([
    'queue',
    'jobs',
    `jobs/${someJob}`,
    `jobs/${someJob}/uploads`,
    'workers/w-1',
    `jobs?id=${someJob}`,
  ])(
    'of %s whose store answers nothing say so after ten seconds, and ask it again only then',
    async (path) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      let looks = 0;
      const never = (): Promise<never> => {
        looks += 1;
        return new Promise(() => {});
      };
      const made = scene();
      for (const method of ['stats', 'jobs', 'job', 'uploads', 'workers'] as const)
        vi.spyOn(made.uploader, method).mockImplementation(never);
      const trouble = liveOf(made).open([path]).nextOf('trouble');
      await vi.advanceTimersByTimeAsync(10_000);
      expect((await trouble)?.data.problem).toMatchObject({
        status: 503,
        detail: 'the store has not answered for 10 s',
      });
      const asked = looks;
      await vi.advanceTimersByTimeAsync(9_000);
      expect(looks).toBe(asked + 1);
    },
  );

  it('of whom one comes late to what has not changed are all told the time of now', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    const made = scene({
      refreshMs: 60_000,
      store: (store) => ({
        stats: async (): Promise<Stats> => ({ ...(await store.stats()), at: Date.now() }),
      }),
    });
    const first = await watch(made, 'settings');
    expect((await first.nextOf('change'))?.data.now).toBe(1_000_000);
    vi.setSystemTime(9_000_000);
    const second = await watch(made, 'settings');
    expect((await second.nextOf('hello'))?.data.now).toBe(9_000_000);
    expect((await second.nextOf('change'))?.data.now).toBe(9_000_000);
  });

  it.each([
    'overview?1',
    'queue?limit=5',
    'workers?limit',
    'jobs?limit=0',
    'jobs?from=1969-12-31',
    'jobs?stauts=x',
  ])('are refused when they open where %s can not be watched', async (asked) => {
    const { ask } = scene();
    expect((await ask(watching('settings', asked))).status).toBe(400);
    expect((await ask(`/api/${asked}`)).status).toBe(400);
  });

  it('that are too many leave no line in the log', async () => {
    const made = scene({ maxStreams: 1 });
    await watch(made, 'queue');
    expect((await made.ask(watching('queue'))).status).toBe(503);
    expect(made.logged).toEqual([]);
  });

  it('that are quiet send a comment every 15 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const made = scene();
    const answer = await made.monitor(new Request(`${origin}${watching('settings')}`), here);
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('event: change')) text += (await reader?.read())?.value ?? '';
    const beat = reader?.read();
    await vi.advanceTimersByTimeAsync(15_000);
    expect((await beat)?.value).toBe(':\n\n');
    await reader?.cancel();
  });
});

describe('on a server', () => {
  it('a reader who leaves is noticed, and makes room', async () => {
    const made = scene({ maxStreams: 1 });
    const { port, url } = await made.serve();
    const request = httpRequest({ port, host: '127.0.0.1', path: watching('overview') });
    request.end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(answer.headers['content-type']).toBe('text/event-stream');
    await once(answer, 'data');
    expect((await fetch(`${url}${watching('overview')}`)).status).toBe(503);
    answer.destroy();
    await expect
      .poll(async () => {
        const again = await fetch(`${url}${watching('overview')}`);
        await again.body?.cancel();
        return again.status;
      })
      .toBe(200);
  });
});
