import { describe, expect, expectTypeOf, it } from 'vitest';

import type { CommandTarget } from '../src/check-command.ts';
import {
  IdempotencyConflictError,
  InvalidUrlsError,
  QueueFullError,
  StoreUnavailableError,
} from '../src/errors.ts';
import type { WorkerCommand } from '../src/fleet.ts';
import type { JobSummary, NewJob } from '../src/job.ts';
import { silentLogger } from '../src/logger.ts';
import type { StoreEvent } from '../src/store-event.ts';
import {
  aJobSummary,
  createFakeHost,
  createFakeSource,
  ScriptedStore,
  type StoreScript,
} from '../src/testing/index.ts';
import type { UploadProgressed } from '../src/upload-progress.ts';
import { Uploader } from '../src/uploader.ts';

const urls = ['https://a.example/1', 'https://a.example/2', 'https://a.example/1'];

function setUp(
  script: StoreScript,
  options: { readonly pollMs?: number; readonly maxWaiting?: number } = {},
) {
  const store = new ScriptedStore(script);
  const parts = { store, source: createFakeSource(), host: createFakeHost(), logger: silentLogger };
  return { store, uploader: new Uploader({ ...parts, maxWaiting: 77, ...options }) };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const created: StoreScript = {
  create: (job) =>
    Promise.resolve({ status: 'created', job: aJobSummary({ id: job.id, total: job.urls.length }) }),
};

describe('follow', () => {
  it('refuses to tell the progress of all jobs at once', () => {
    const { uploader } = setUp({});
    const anything = { progress: true } as object;
    expect(() => uploader.follow(undefined, anything)).toThrow('progress is told of one job');
  });

  it('takes a wish for progress that is known only as it runs', () => {
    const { uploader } = setUp({});
    expectTypeOf((progress: boolean) => uploader.follow('j', { progress })).returns.toEqualTypeOf<
      AsyncIterable<StoreEvent | UploadProgressed>
    >();
    expectTypeOf(() => uploader.follow('j', { progress: false })).returns.toEqualTypeOf<
      AsyncIterable<StoreEvent>
    >();
  });
});

describe('submit', () => {
  it('hands the store a job with everything checked, and tells job:created', async () => {
    const { uploader, store } = setUp(created);
    const told: string[] = [];
    uploader.on('job:created', ({ jobId }) => told.push(jobId));
    const { jobId, existing } = await uploader.submit(urls, {
      idempotencyKey: 'k',
      metadata: { post: 7 },
      title: 'T',
    });
    expect(store.callsOf('create')[0]?.args).toMatchObject([
      {
        id: jobId,
        urls: urls.slice(0, 2),
        host: 'fake',
        options: { title: 'T' },
        metadata: { post: 7 },
        maxWaiting: 77,
        idempotency: { key: 'k', ttlMs: 86_400_000 },
      },
    ]);
    expect(jobId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(existing).toBe(false);
    expect(told).toEqual([jobId]);
  });

  it('gives equal lists of URLs equal fingerprints, and others others', async () => {
    const { uploader, store } = setUp(created);
    for (const list of [urls, urls.slice(0, 2), ['https://a.example/2', 'https://a.example/1']])
      await uploader.submit(list, { idempotencyKey: 'k' });
    const prints = store.callsOf('create').map(({ args }) => (args[0] as NewJob).idempotency?.fingerprint);
    expect(prints[0]).toBe(prints[1]);
    expect(prints[0]).not.toBe(prints[2]);
  });

  it('gives what asks the host for something else another fingerprint, and other metadata the same', async () => {
    const { uploader, store } = setUp(created);
    const asks = [{}, { metadata: { post: 7 } }, { title: 'T' }, { description: 'T' }, { album: 'T' }];
    for (const options of [...asks, { album: 'T', title: 'T' }, { title: 'T', album: 'T', metadata: {} }])
      await uploader.submit(urls, { idempotencyKey: 'k', ...options });
    const prints = store.callsOf('create').map(({ args }) => (args[0] as NewJob).idempotency?.fingerprint);
    expect(prints[1]).toBe(prints[0]);
    expect(prints[6]).toBe(prints[5]);
    expect(new Set(prints).size).toBe(5);
  });

  it('answers the job that is there when it came before, and tells nothing', async () => {
    const job = aJobSummary({ id: 'earlier' });
    const { uploader } = setUp({ create: () => Promise.resolve({ status: 'existing', job }) });
    uploader.on('job:created', () => expect.fail('told'));
    expect(await uploader.submit(urls)).toEqual({ jobId: 'earlier', existing: true, job });
  });

  it('throws what the caller can act on', async () => {
    const conflict = setUp({ create: () => Promise.resolve({ status: 'conflict' }) });
    await expect(conflict.uploader.submit(urls)).rejects.toBeInstanceOf(IdempotencyConflictError);
    const full = setUp({ create: () => Promise.resolve({ status: 'full', retryAfterMs: 5 }) });
    await expect(full.uploader.submit(urls)).rejects.toBeInstanceOf(QueueFullError);
    await expect(full.uploader.submit(urls)).rejects.toMatchObject({ retryAfterMs: 5 });
    await expect(full.uploader.submit(['x'])).rejects.toBeInstanceOf(InvalidUrlsError);
  });

  it('asks the store nothing when it refuses', async () => {
    const { uploader, store } = setUp({});
    await expect(uploader.submit([])).rejects.toThrow('urls is empty');
    await expect(uploader.submit(urls, { idempotencyKey: '' })).rejects.toThrow('idempotencyKey');
    expect(store.calls).toEqual([]);
  });
});

describe('a submit of more URLs than may ever wait', () => {
  const full = { status: 'full', retryAfterMs: 5 } as const;

  it('is refused for good, and one of as many as may is told to come back', async () => {
    const { uploader } = setUp({ create: async () => full }, { maxWaiting: 1 });
    const submit = uploader.submit(urls);
    await expect(submit).rejects.toBeInstanceOf(InvalidUrlsError);
    await expect(submit).rejects.toThrow(
      '2 URLs are more than the 1 that may wait at once (maxWaiting); send fewer',
    );
    await expect(uploader.submit(urls.slice(0, 1))).rejects.toBeInstanceOf(QueueFullError);
  });

  it('is found all the same when it came before', async () => {
    const job = aJobSummary({ id: 'earlier' });
    const { uploader } = setUp({ create: async () => ({ status: 'existing', job }) }, { maxWaiting: 1 });
    expect(await uploader.submit(urls, { idempotencyKey: 'k' })).toMatchObject({ existing: true });
  });
});

describe('what a method is asked for', () => {
  it.each<[string, (uploader: Uploader, given: never) => unknown, unknown, string]>([
    ['pause', (uploader, what) => uploader.pause(what), { job: 'id' }, 'target is neither'],
    ['pause', (uploader, what) => uploader.pause(what), 'id', "{ jobId }, { host } or 'queue'"],
    ['pause', (uploader, what) => uploader.pause(what), { host: undefined }, 'host must be a text'],
    ['pause', (uploader, what) => uploader.pause(what), { host: '' }, 'host must be a text'],
    ['pause', (uploader, what) => uploader.pause(what), { jobId: 5 }, 'target is neither'],
    ['pause', (uploader, what) => uploader.pause(what), {}, 'target is neither'],
    ['pause', (uploader, what) => uploader.pause(what), undefined, 'target is neither'],
    ['pause', (uploader, what) => uploader.pause(what), null, 'target is neither'],
    ['pause', (uploader, what) => uploader.pause(what), { jobId: 'id', host: 'h' }, 'target is neither'],
    ['resume', (uploader, what) => uploader.resume(what), { job: 'id' }, 'target is neither'],
    ['resume', (uploader, what) => uploader.resume(what), 'id', 'target is neither'],
    ['submit', (uploader, given) => uploader.submit(urls, given), { key: 'k' }, 'key is not an option'],
    ['retry', (uploader, given) => uploader.retry('j', given), { code: ['poison'] }, 'did you mean codes?'],
    ['follow', (uploader, given) => uploader.follow('j', given), { from: 'x' }, 'from is not an option'],
    [
      'uploads',
      (uploader, given) => uploader.uploads('j', given),
      { stats: 'failed' },
      'did you mean status?',
    ],
    [
      'uploads',
      (uploader, given) => uploader.uploads('j', given),
      { status: 'done' },
      'status is "done"; it must be',
    ],
    [
      'uploads',
      (uploader, given) => uploader.uploads('j', given),
      { status: 'toString' },
      'it must be one of waiting, claimed',
    ],
    [
      'uploads',
      (uploader, given) => uploader.uploads('j', given),
      { status: ['failed'] },
      'status is no text',
    ],
    [
      'uploads',
      (uploader, given) => uploader.uploads('j', given),
      { limit: 0 },
      'limit is 0; it must be a whole number from 1',
    ],
    ['uploads', (uploader, given) => uploader.uploads('j', given), { cursor: 5 }, 'the cursor is not one'],
    [
      'mapping',
      (uploader, given) => uploader.mapping('j', given),
      { status: 'done' },
      'status is "done"; it must be',
    ],
    ['mapping', (uploader, given) => uploader.mapping('j', given), { limit: 5 }, 'limit is not an option'],
    ['jobs', (uploader, given) => uploader.jobs(given), { limit: 1.5 }, 'limit is 1.5; it must be'],
    ['jobs', (uploader, given) => uploader.jobs(given), { limit: '5' }, 'limit is 5; it must be'],
    ['jobs', (uploader, given) => uploader.jobs(given), { after: 'x' }, 'after is not an option'],
    ['jobs', (uploader, given) => uploader.jobs(given), { state: 'pending' }, 'did you mean status?'],
    [
      'jobs',
      (uploader, given) => uploader.jobs(given),
      { status: 'failed' },
      'status is "failed"; it must be one of pending, in-progress, complete',
    ],
    ['jobs', (uploader, given) => uploader.jobs(given), { status: 'toString' }, 'it must be one of pending'],
    ['jobs', (uploader, given) => uploader.jobs(given), { failed: false }, 'failed can only be true'],
    ['jobs', (uploader, given) => uploader.jobs(given), { paused: 'true' }, 'paused can only be true'],
    ['jobs', (uploader, given) => uploader.jobs(given), { createdFrom: -1 }, 'createdFrom is -1'],
    ['jobs', (uploader, given) => uploader.jobs(given), { createdBefore: 1.5 }, 'createdBefore is 1.5'],
    [
      'jobs',
      (uploader, given) => uploader.jobs(given),
      { createdBefore: new Date(0) },
      'it must be a whole number',
    ],
    ['jobs', (uploader, given) => uploader.jobs(given), { cursor: null }, 'the cursor is not one'],
    [
      'recentFailures',
      (uploader, given) => uploader.recentFailures(given),
      { limit: 1_001 },
      'limit is 1001; it must be a whole number from 1 to 1000',
    ],
    ['recentFailures', (uploader, given) => uploader.recentFailures(given), { limit: 0 }, 'limit is 0'],
    [
      'recentFailures',
      (uploader, given) => uploader.recentFailures(given),
      { cursor: 'c' },
      'cursor is not an option',
    ],
    [
      'links',
      (uploader, given) => uploader.links(given),
      { limit: Infinity },
      'limit is Infinity; it must be',
    ],
    ['links', (uploader, given) => uploader.links(given), { status: 'failed' }, 'status is not an option'],
    [
      'finished',
      (uploader, given) => uploader.finished('j', given),
      { timeoutMs: 5 },
      'timeoutMs is not an option',
    ],
    ['stop', (uploader, given) => uploader.stop(given), { timeout: 5 }, 'did you mean timeoutMs?'],
  ])('is refused before it reaches the store: %s %#', async (_method, ask, given, message) => {
    const { uploader, store } = setUp({});
    await expect(async () => ask(uploader, given as never)).rejects.toThrow(message);
    expect(store.calls).toEqual([]);
  });

  it('reaches the store as it is', async () => {
    const { uploader, store } = setUp({
      uploads: async () => undefined,
      links: async () => ({ items: [], next: undefined }),
      list: async () => ({ items: [], next: undefined }),
    });
    await uploader.uploads('j', { status: 'failed', limit: 5, cursor: 'c' });
    await uploader.links({ limit: undefined } as object);
    const filter = { status: 'complete', failed: true, createdFrom: 0, createdBefore: 5 } as const;
    await uploader.jobs({ ...filter, paused: true, limit: 3, cursor: 'c' });
    expect(store.calls.map(({ args }) => args)).toEqual([
      ['j', { status: 'failed', limit: 5, cursor: 'c' }],
      [{ limit: undefined }],
      [{ ...filter, paused: true, limit: 3, cursor: 'c' }],
    ]);
  });
});

describe('retry', () => {
  it('hands the selection to the store, and asks it nothing when it is none', async () => {
    const job = aJobSummary({ id: 'j' });
    const { uploader, store } = setUp({ retry: () => Promise.resolve({ status: 'retried', job }) });
    expect(await uploader.retry('j', { codes: ['poison'] })).toBe(job);
    expect(store.callsOf('retry').map(({ args }) => args)).toEqual([
      ['j', { codes: ['poison'] }, { maxWaiting: 77 }],
    ]);
    const nonsense = ['nonsense'] as unknown as ['poison'];
    await expect(uploader.retry('j', { codes: nonsense })).rejects.toMatchObject({ option: 'codes[0]' });
    expect(store.callsOf('retry').length).toBe(1);
  });

  it('throws when too many would wait, and says whether waiting helps', async () => {
    const job = aJobSummary({ id: 'j' });
    for (const [retryAfterMs, sentence] of [
      [5, 'too many uploads are waiting; retry again later'],
      [undefined, 'more uploads are to run again than may ever wait; retry fewer at once, by urls or codes'],
    ] as const) {
      const { uploader } = setUp({ retry: () => Promise.resolve({ status: 'full', job, retryAfterMs }) });
      const told: unknown[] = [];
      uploader.on('job:retried', (event) => told.push(event));
      const thrown = await uploader.retry('j').catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(QueueFullError);
      expect(thrown).toMatchObject({ code: 'queue_full', retryAfterMs, message: sentence });
      expect(told).toEqual([]);
    }
  });
});

describe('cancel', () => {
  it('tells job:finished when it finished the job, and not when it changed nothing', async () => {
    const job = aJobSummary({ id: 'j', status: 'complete', cancelled: true });
    for (const jobFinished of [true, false]) {
      const { uploader } = setUp({ cancel: () => Promise.resolve({ job, jobFinished }) });
      const told: unknown[] = [];
      uploader.on('job:finished', (event) => told.push(event));
      expect(await uploader.cancel('j')).toBe(job);
      expect(told).toEqual(jobFinished ? [{ jobId: 'j', job }] : []);
    }
  });

  it('answers nothing for a job that is unknown', async () => {
    const { uploader } = setUp({ cancel: () => Promise.resolve(undefined) });
    expect(await uploader.cancel('j')).toBeUndefined();
  });
});

describe('steering', () => {
  const job = aJobSummary({ id: 'j' });

  it('pauses and resumes what it is asked to, and says whether that is there', async () => {
    const asked: unknown[] = [];
    const { uploader } = setUp({
      async pause(what) {
        asked.push(['pause', what]);
        return { changed: false, job };
      },
      resume: async (what) => void asked.push(['resume', what]),
    });
    expect(await uploader.pause({ jobId: 'j' })).toBe(true);
    expect(await uploader.resume({ jobId: 'k' })).toBe(false);
    expect(asked).toEqual([
      ['pause', { jobId: 'j' }],
      ['resume', { jobId: 'k' }],
    ]);
  });

  it('tells of a pause and of its end where they have changed something', async () => {
    for (const changed of [true, false]) {
      const { uploader } = setUp({
        pause: async (what) => ({ changed, ...(what !== 'queue' && 'jobId' in what ? { job } : {}) }),
        resume: async (what) => ({ changed, ...(what !== 'queue' && 'jobId' in what ? { job } : {}) }),
      });
      const told = listenToSteering(uploader);
      for (const what of [{ jobId: 'j' }, { host: 'h' }, 'queue'] as const) {
        await uploader.pause(what);
        await uploader.resume(what);
      }
      const all = [
        ['job:paused', { jobId: 'j', job }],
        ['job:resumed', { jobId: 'j', job }],
        ['host:paused', { host: 'h', reason: 'operator', forMs: null }],
        ['host:resumed', { host: 'h' }],
        ['queue:paused', {}],
        ['queue:resumed', {}],
      ];
      expect(told).toEqual(changed ? all : []);
    }
  });

  it('tells job:retried when something runs again, and not when nothing changed', async () => {
    for (const status of ['retried', 'unchanged'] as const) {
      const { uploader } = setUp({ retry: () => Promise.resolve({ status, job }) });
      const told = listenToSteering(uploader);
      expect(await uploader.retry('j')).toBe(job);
      expect(told).toEqual(status === 'retried' ? [['job:retried', { jobId: 'j', job }]] : []);
    }
    const { uploader } = setUp({ retry: () => Promise.resolve(undefined) });
    expect(await uploader.retry('j')).toBeUndefined();
  });

  function listenToSteering(uploader: Uploader): readonly unknown[] {
    const told: unknown[] = [];
    for (const name of [
      ...(['job:retried', 'job:paused', 'job:resumed', 'host:paused', 'host:resumed'] as const),
      ...(['queue:paused', 'queue:resumed'] as const),
    ])
      uploader.on(name, (event) => told.push([name, event]));
    return told;
  }
});

describe('what it works with', () => {
  it('is told by its settings, with as many slots as there are by now', () => {
    const { uploader } = setUp({ settings: { namespace: 'mine' } });
    expect(uploader.settings).toMatchObject({ maxWaiting: 77, concurrency: 8, 'store.namespace': 'mine' });
    uploader.resize(3);
    expect(uploader.settings).toMatchObject({ concurrency: 3 });
  });

  it('is told by the buckets of the budget', async () => {
    const bucket = { bucket: 'imgur:post', remaining: 5, resetInMs: 9, resetsAt: 10, inFlight: 1 };
    const { uploader } = setUp({ budget: { list: () => Promise.resolve([bucket]) } });
    expect(await uploader.budget()).toEqual([bucket]);
  });
});

describe('the fleet', () => {
  it('can be looked at and told what to do', async () => {
    const { uploader, store } = setUp({
      fleet: { list: () => Promise.resolve([]), command: () => Promise.resolve(2) },
    });
    expect(await uploader.workers()).toEqual([]);
    expect(await uploader.command('all', { type: 'resize', slots: 3 })).toBe(2);
    expect(await uploader.command({ workerId: 'w' }, { type: 'drain' })).toBe(2);
    expect(store.callsOf('fleet.command').map(({ args }) => args)).toEqual([
      ['all', { type: 'resize', slots: 3 }],
      [{ workerId: 'w' }, { type: 'drain' }],
    ]);
  });

  it.each<[CommandTarget, unknown, string]>([
    ['all', { type: 'resize', slots: 0 }, 'slots'],
    ['all', { type: 'resize', slots: 2.5 }, 'slots'],
    ['all', { type: 'resize' }, 'slots'],
    ['all', { type: 'stop' }, 'command'],
    [{} as CommandTarget, { type: 'pause' }, 'target'],
  ])('is not told what no worker could obey: %j %j', async (target, command, option) => {
    const { uploader, store } = setUp({});
    await expect(uploader.command(target, command as WorkerCommand)).rejects.toMatchObject({
      code: 'invalid_option',
      option,
    });
    expect(store.calls).toEqual([]);
  });
});

describe('finished', () => {
  const running = aJobSummary({ id: 'j', status: 'in-progress' });
  const complete = aJobSummary({ id: 'j', status: 'complete' });
  const event = { id: '1', at: 0, jobId: 'j' };

  /** A store whose job becomes complete when the n-th event is read. */
  function telling(events: readonly StoreEvent[], states: readonly (JobSummary | undefined)[]) {
    const left = [...states];
    return setUp({
      get: () => Promise.resolve(left.length > 1 ? left.shift() : left[0]),
      events: async function* ({ signal }) {
        yield* events;
        await aborted(signal);
      },
    });
  }

  it('answers at once for a job that is complete, or unknown', async () => {
    expect(await telling([], [complete]).uploader.finished('j')).toBe(complete);
    expect(await telling([], [undefined]).uploader.finished('j')).toBeUndefined();
  });

  it('subscribes before it reads, so that nothing is missed between', async () => {
    const { uploader, store } = telling([], [complete]);
    await uploader.finished('j');
    expect(store.calls.map(({ method }) => method)).toEqual(['events', 'get']);
  });

  it('waits for the event of that job, or for a gap, and then reads', async () => {
    const other: StoreEvent = { ...event, type: 'job:finished', jobId: 'other', job: complete };
    const mine: StoreEvent = { ...event, type: 'job:finished', job: complete };
    const gap: StoreEvent = { id: '2', at: 0, type: 'gap' };
    for (const last of [mine, gap]) {
      const { uploader, store } = telling([other, last], [running, complete]);
      expect(await uploader.finished('j')).toBe(complete);
      expect(store.callsOf('get')).toHaveLength(2);
    }
  });

  it('is known by a look at the job although no event says so, also when the store is away for one', async () => {
    const states = [running, new StoreUnavailableError('away'), complete];
    const { uploader } = setUp(
      {
        get: () => {
          const state = states.shift();
          return state instanceof Error ? Promise.reject(state) : Promise.resolve(state);
        },
        // biome-ignore lint/correctness/useYield: it has nothing to tell
        events: async function* ({ signal }) {
          await aborted(signal);
        },
      },
      { pollMs: 5 },
    );
    expect(await uploader.finished('j')).toBe(complete);
  });

  it('lets no stream that breaks become an unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', hear);
    const { uploader } = setUp({
      get: () => new Promise((resolve) => setTimeout(() => resolve(complete), 10)),
      // biome-ignore lint/correctness/useYield: it breaks before it has anything to tell
      events: async function* () {
        throw new Error('broken');
      },
    });
    expect(await uploader.finished('j')).toBe(complete);
    process.off('unhandledRejection', hear);
    expect(unhandled).toEqual([]);
  });

  it('rejects with the reason of its signal', async () => {
    const { uploader, store } = telling([], [running]);
    const abort = new AbortController();
    const finished = uploader.finished('j', { signal: abort.signal });
    await store.waitFor('get');
    abort.abort(new Error('enough'));
    await expect(finished).rejects.toThrow('enough');
  });
});
