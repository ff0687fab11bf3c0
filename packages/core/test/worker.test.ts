import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import type { BudgetState } from '../src/budget.ts';
import { LoopLagError, StoreUnavailableError } from '../src/errors.ts';
import type { Tell } from '../src/event-hub.ts';
import type { WorkerCommand } from '../src/fleet.ts';
import type { Lease } from '../src/lease.ts';
import { silentLogger } from '../src/logger.ts';
import { resolveOptions, type UploaderOptions } from '../src/options.ts';
import type { Claimed, ClaimOptions, Release } from '../src/queue.ts';
import type { SettleRequest } from '../src/store.ts';
import {
  aJobSummary,
  aLease,
  createFakeHost,
  createFakeSource,
  ScriptedStore,
  type StoreScript,
  sampleImage,
} from '../src/testing/index.ts';
import { TransferError } from '../src/transfer-error.ts';
import { Worker } from '../src/worker.ts';

const png = sampleImage('image/png');
const url = 'https://pictures.example/a.png';
const nothing: Claimed = { leases: [], nextInMs: undefined, ended: [] };

function leases(count: number, facts: Partial<Lease> = {}): Lease[] {
  return Array.from({ length: count }, (_, index) => aLease({ url, index, token: index + 1, ...facts }));
}

interface Setting extends Partial<Omit<UploaderOptions, 'store'>> {
  readonly claims?: readonly Claimed[];
  readonly script?: StoreScript;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A worker on a store that hands out the given claims and then nothing. */
function setUp({ claims = [], script = {}, ...options }: Setting = {}) {
  const waiting = [...claims];
  const store = new ScriptedStore({
    settle: (requests) =>
      Promise.resolve(requests.map(() => ({ status: 'settled', jobFinished: false }) as const)),
    ...script,
    queue: {
      claim: () => Promise.resolve(waiting.shift() ?? nothing),
      extend: () => Promise.resolve([]),
      release: () => Promise.resolve(),
      wait: ({ signal }) => aborted(signal),
      ...script.queue,
    },
    fleet: { beat: () => Promise.resolve([]), leave: () => Promise.resolve(), ...script.fleet },
  });
  const source = createFakeSource({ [url]: png });
  const host = createFakeHost();
  const told: { name: string; event: object }[] = [];
  const tell: Tell = (name, event) => void told.push({ name, event });
  const worker = new Worker(
    resolveOptions({ source, host, store, logger: silentLogger, drainTimeoutMs: 0, ...options }),
    tell,
  );
  const names = (): string[] => told.map(({ name }) => name);
  return { worker, store, source, host, told, names };
}

describe('a worker', () => {
  it('claims for its free slots only, and settles what it claimed', async () => {
    const { worker, store, host } = setUp({ concurrency: 3, claims: [{ ...nothing, leases: leases(2) }] });
    const hold = host.hold();
    expect(await worker.tick()).toBe(2);
    await hold.waitFor(2);
    await worker.tick();
    expect(store.callsOf('queue.claim').map(({ args }) => args[0])).toMatchObject([
      { limit: 3 },
      { limit: 1 },
    ]);
    hold.release();
    await worker.stop(1_000);
    expect(host.uploads).toHaveLength(2);
    expect(store.callsOf('settle').flatMap(({ args }) => args[0])).toHaveLength(2);
  });

  it('tells how far an upload is that takes a while, and nothing once it has ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const [slow, quick] = leases(2);
      const claims = [slow, quick].map((lease) => ({ ...nothing, leases: lease ? [lease] : [] }));
      const { worker, store, host } = setUp({ claims, script: { tellProgress: () => Promise.resolve() } });
      const hold = host.hold({ times: 1 });
      await worker.tick();
      await hold.waitFor(1);
      await vi.advanceTimersByTimeAsync(250);
      const told = { lease: slow, sentBytes: png.length, totalBytes: png.length };
      expect(store.callsOf('tellProgress').map(({ args }) => args[0])).toEqual([[told]]);
      hold.release();
      await worker.tick();
      await store.waitFor('settle');
      while (host.inFlight > 0) await nextTurn();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(store.callsOf('tellProgress')).toHaveLength(1);
      await worker.stop(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('asks for nothing while all slots are taken', async () => {
    const { worker, store, host } = setUp({ concurrency: 1, claims: [{ ...nothing, leases: leases(1) }] });
    const hold = host.hold();
    await worker.tick();
    await hold.waitFor(1);
    expect(await worker.tick()).toBe(0);
    expect(store.callsOf('queue.claim')).toHaveLength(1);
    hold.release();
    await worker.stop(1_000);
  });

  it('runs another upload on its last lease when the one before was handed back without a slot', async () => {
    const [fresh, ...last] = [...leases(1, { index: 9, token: 9 }), ...leases(2, { expiries: 2 })];
    const { worker, store, host } = setUp({
      concurrency: 1,
      claims: [
        { ...nothing, leases: [...(fresh ? [fresh] : []), ...last.slice(0, 1)] },
        { ...nothing, leases: last.slice(1) },
      ],
    });
    const hold = host.hold();
    await worker.tick();
    await hold.waitFor(1);
    await store.waitFor('queue.release');
    hold.release();
    while (host.inFlight > 0) await nextTurn();
    await worker.tick();
    await worker.stop(1_000);
    expect(host.uploads).toHaveLength(2);
    expect(store.callsOf('queue.release').flatMap(({ args }) => args[0])).toMatchObject([{ lease: last[0] }]);
  });

  it('runs one upload on its last lease at a time, beside those that have another, and hands back the others before', async () => {
    const [fresh, ...last] = [...leases(1, { index: 9 }), ...leases(3, { expiries: 2 })];
    const { worker, store, host } = setUp({
      concurrency: 5,
      claims: [
        { ...nothing, leases: [...(fresh ? [fresh] : []), ...last] },
        { ...nothing, leases: [...leases(1, { index: 10, expiries: 1 }), ...last.slice(1)] },
        { ...nothing, leases: last.slice(1, 2) },
      ],
    });
    const hold = host.hold();
    await worker.tick();
    await hold.waitFor(2);
    const released = () => store.callsOf('queue.release').map(({ args }) => args[0] as Release[]);
    const handedBack = last.slice(1).map((lease) => ({ lease, countAttempt: false, posts: 0 }));
    expect(released()).toMatchObject([handedBack]);
    await worker.tick();
    await hold.waitFor(3);
    expect(released()).toMatchObject([handedBack, handedBack]);
    // Not at once again, or the same would be claimed and handed back as fast as the store can.
    for (const { delayMs } of released().flat()) expect(delayMs).toBeGreaterThanOrEqual(100);
    expect(store.callsOf('queue.claim').map(({ args }) => (args[0] as ClaimOptions).limit)).toEqual([5, 3]);
    hold.release();
    await expect.poll(() => store.callsOf('settle').flatMap(({ args }) => args[0]).length).toBe(3);
    await worker.tick();
    await expect.poll(() => host.uploads.length).toBe(4);
    await worker.stop(1_000);
    expect(released()).toHaveLength(2);
  });

  it('tells that a job has started also when its upload is handed back before it is begun', async () => {
    const claimed = Promise.withResolvers<Claimed>();
    const { worker, store, told } = setUp({ script: { queue: { claim: () => claimed.promise } } });
    const tick = worker.tick();
    const stopped = worker.stop();
    claimed.resolve({ ...nothing, leases: leases(1, { jobStarted: true, metadata: { post: 7 } }) });
    await Promise.all([tick, stopped, store.waitFor('queue.release')]);
    expect(told).toEqual([{ name: 'job:started', event: { jobId: 'job-1', metadata: { post: 7 } } }]);
  });

  it('hands back at once what a claim brings that was on its way when it stopped, and begins none of it', async () => {
    // At once, so without the time after which all that waits for a slot is handed back.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const [first, ...late] = leases(3);
    const answer = Promise.withResolvers<Claimed>();
    const answers = [Promise.resolve({ ...nothing, leases: first ? [first] : [] }), answer.promise];
    const claim = () => answers.shift() ?? Promise.resolve(nothing);
    const { worker, store, host, names } = setUp({ concurrency: 3, script: { queue: { claim } } });
    const hold = host.hold();
    await worker.tick();
    await hold.waitFor(1);
    const tick = worker.tick();
    worker.resize(1);
    const stopped = worker.stop(60_000);
    const before = names();
    answer.resolve({ ...nothing, leases: late });
    await tick;
    await store.waitFor('queue.release');
    expect(store.callsOf('queue.release').flatMap(({ args }) => args[0])).toMatchObject(
      late.map((lease) => ({ lease, delayMs: 0, countAttempt: false, posts: 0 })),
    );
    expect(names()).toEqual(before);
    hold.release();
    await stopped;
    expect(host.posts).toBe(1);
  });

  it('tells what happened to an upload, in order, and the end of a job once', async () => {
    const job = aJobSummary({ complete: 1 });
    const { worker, store, names, told } = setUp({
      claims: [{ ...nothing, leases: leases(1, { jobStarted: true, metadata: { post: 7 } }) }],
      script: { settle: () => Promise.resolve([{ status: 'settled', jobFinished: true, job }]) },
    });
    worker.start();
    await store.waitFor('settle');
    await worker.stop(1_000);
    expect(names()).toEqual([
      'job:started',
      'upload:started',
      'upload:progressed',
      'upload:completed',
      'job:finished',
    ]);
    // The settle has answered the job as it left it, and nothing else is asked about it.
    expect(told.at(-1)?.event).toEqual({ jobId: 'job-1', job });
    expect(store.callsOf('get')).toEqual([]);
  });

  it('tells of uploads that a claim ended, and of the job that ended with them', async () => {
    const failure = { code: 'poison', message: 'three leases ran out' } as const;
    const job = aJobSummary({ failed: 2 });
    const upload = { jobId: 'job-1', index: 1, url, attempt: 3, failure };
    const ended = [
      { ...upload, index: 0, jobFinished: false },
      { ...upload, jobFinished: true, job },
    ] as const;
    const { worker, told, store } = setUp({ claims: [{ ...nothing, ended }] });
    await worker.tick();
    expect(told).toEqual([
      { name: 'upload:failed', event: { ...upload, index: 0 } },
      { name: 'upload:failed', event: upload },
      { name: 'job:finished', event: { jobId: 'job-1', job } },
    ]);
    expect(store.callsOf('get')).toEqual([]);
    await worker.stop();
  });

  it.each(['replaced', 'cancelled'] as const)(
    'deletes its image at the host when it was %s',
    async (reason) => {
      const { worker, host, told } = setUp({
        claims: [{ ...nothing, leases: leases(1) }],
        script: { settle: () => Promise.resolve([{ status: 'lost', reason }]) },
      });
      await worker.tick();
      await worker.stop(1_000);
      expect(host.deleted).toEqual(['delete-1']);
      expect(told.at(-1)).toMatchObject({ name: 'upload:lost', event: { reason } });
    },
  );

  it('leaves its image at the host when nothing is known of the lease', async () => {
    const { worker, host, names } = setUp({
      claims: [{ ...nothing, leases: leases(1) }],
      script: { settle: () => Promise.resolve([{ status: 'lost', reason: 'unknown' }]) },
    });
    await worker.tick();
    await worker.stop(1_000);
    expect(host.deleted).toEqual([]);
    expect(names()).toContain('upload:lost');
  });

  it('sends the bytes that several uploads have once, and hands their link on when it is recorded', async () => {
    const settles: SettleRequest[] = [];
    const { worker, host, store } = setUp({
      claims: [{ ...nothing, leases: leases(3) }],
      rememberImagesMs: 1_000,
      script: {
        recall: () => Promise.resolve(undefined),
        settle: (requests) => {
          settles.push(...requests);
          return Promise.resolve(requests.map(() => ({ status: 'settled', jobFinished: false }) as const));
        },
      },
    });
    await worker.tick();
    await worker.stop(1_000);
    expect([host.posts, store.callsOf('recall').length]).toEqual([1, 1]);
    const link = 'https://img.example/1';
    expect(settles).toMatchObject([
      { posts: 1, outcome: { link, remember: { ttlMs: 1_000 } } },
      { posts: 0, outcome: { link, reused: true } },
      { posts: 0, outcome: { link, reused: true } },
    ]);
  });

  it('does not hand on the link of an outcome that is lost', async () => {
    const { worker, host, names } = setUp({
      claims: [{ ...nothing, leases: leases(2) }],
      rememberImagesMs: 1_000,
      script: {
        recall: () => Promise.resolve(undefined),
        settle: (requests) => Promise.resolve(requests.map(() => ({ status: 'lost', reason: 'replaced' }))),
      },
    });
    await worker.tick();
    await worker.stop(1_000);
    expect(host.posts).toBe(2);
    expect(host.deleted).toEqual(['delete-1', 'delete-2']);
    expect(names()).not.toContain('upload:completed');
  });

  it('deletes nothing when it is lost with a link that was there before', async () => {
    const { worker, host, told } = setUp({
      claims: [{ ...nothing, leases: leases(1) }],
      rememberImagesMs: 1_000,
      script: {
        recall: () => Promise.resolve('https://img.example/known'),
        settle: () => Promise.resolve([{ status: 'lost', reason: 'cancelled' }]),
      },
    });
    await worker.tick();
    await worker.stop(1_000);
    expect([host.posts, host.deleted]).toEqual([0, []]);
    expect(told.at(-1)).toMatchObject({ name: 'upload:lost' });
  });

  it('ends a transfer whose lease is lost, at the next heartbeat', async () => {
    const { worker, store, source, names } = setUp({
      concurrency: 1,
      leaseMs: 60,
      heartbeatMs: 20,
      claims: [{ ...nothing, leases: leases(1) }],
      script: {
        queue: {
          extend: (held) => Promise.resolve(held.map((lease) => ({ lease, reason: 'replaced' as const }))),
        },
      },
    });
    const hold = source.hold();
    worker.start();
    await hold.waitFor(1);
    await store.waitFor('queue.claim', 2);
    await worker.stop(1_000);
    expect(names()).toEqual(['upload:started', 'upload:lost']);
    expect(store.callsOf('settle')).toHaveLength(0);
    expect(source.live).toBe(0);
  });

  it('hands back what has not finished when its time to drain is over, without counting the attempt', async () => {
    const { worker, store, host } = setUp({ claims: [{ ...nothing, leases: leases(2) }] });
    const hold = host.hold();
    worker.start();
    await hold.waitFor(2);
    await worker.stop(0);
    const released = store.callsOf('queue.release').flatMap(({ args }) => args[0]);
    expect(released).toMatchObject([
      { delayMs: 0, countAttempt: false, posts: 1, possiblyDuplicated: true },
      { delayMs: 0, countAttempt: false, posts: 1, possiblyDuplicated: true },
    ]);
    expect(store.callsOf('fleet.leave')).toHaveLength(1);
  });

  it('hands straight back what a claim brings after it was told to stop', async () => {
    const answer = Promise.withResolvers<Claimed>();
    const { worker, store, host } = setUp({ script: { queue: { claim: () => answer.promise } } });
    worker.start();
    await store.waitFor('queue.claim');
    const stopped = worker.stop(1_000);
    answer.resolve({ ...nothing, leases: leases(1) });
    await stopped;
    expect(host.posts).toBe(0);
    expect(store.callsOf('queue.release').flatMap(({ args }) => args[0])).toMatchObject([
      { countAttempt: false },
    ]);
  });

  it('stops by its deadline although the store is away', async () => {
    const away = (): Promise<never> => Promise.reject(new StoreUnavailableError('away'));
    const { worker, host, told } = setUp({
      claims: [{ ...nothing, leases: leases(1) }],
      script: { settle: away, queue: { release: away }, fleet: { leave: away } },
    });
    const hold = host.hold();
    worker.start();
    await hold.waitFor(1);
    await worker.stop(0);
    const errors = told.filter(({ name }) => name === 'error').map(({ event }) => event);
    expect(errors).toContainEqual(
      expect.objectContaining({ error: new Error('1 uploads could not be handed back in time') }),
    );
  });

  it('counts as retried what has burnt an attempt, and nothing else that it gave back', async () => {
    const [busy, broken, full] = ['busy', 'broken', 'full'].map((name) => `https://pictures.example/${name}`);
    const found = [busy, broken, full].map((each, at) =>
      aLease({ url: each ?? '', index: at, token: at + 1 }),
    );
    const { worker, store, source, host } = setUp({
      claims: [{ ...nothing, leases: found }],
      heartbeatMs: 20,
    });
    const away = { retryAfterMs: 60_000 };
    source.set(busy ?? '', new TransferError('source_busy', 'no turn', away));
    source.set(broken ?? '', new TransferError('source_unavailable', 'broken', away));
    source.set(full ?? '', png);
    host.always(new TransferError('host_rate_limited', 'enough', away));
    worker.start();
    await expect.poll(() => store.callsOf('queue.release').flatMap(({ args }) => args[0])).toHaveLength(3);
    const beats = store.callsOf('fleet.beat').length;
    const { args = [] } = (await store.waitFor('fleet.beat', beats + 2)).at(-1) ?? {};
    expect(args[0]).toMatchObject({ complete: 0, failed: 0, retried: 1, holds: [] });
    await worker.stop(0);
  });

  describe('that finds nothing but uploads of busy sources', () => {
    const busy = new TransferError('source_busy', 'busy', { retryAfterMs: 1 });

    /** A store that hands out as much as is asked for, however often. */
    function setUpBusy(options: Setting = {}) {
      let claimed = 0;
      const claim = ({ limit }: ClaimOptions): Promise<Claimed> => {
        claimed += limit;
        const found = leases(limit).map((lease, at) => ({ ...lease, token: claimed - at }));
        return Promise.resolve({ ...nothing, leases: found });
      };
      const set = setUp({ script: { queue: { claim } }, concurrency: 4, ...options });
      set.source.set(url, busy);
      return { ...set, claimed: () => claimed };
    }

    /** A second of timers, with time for what each of them sets off. */
    async function passSecond(): Promise<void> {
      for (let step = 0; step < 100; step += 1) {
        await vi.advanceTimersByTimeAsync(10);
        for (let turn = 0; turn < 5; turn += 1) await nextTurn();
      }
    }

    it('claims a few of them a second, and does not stop to', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      try {
        const { worker, claimed } = setUpBusy();
        worker.start();
        await passSecond();
        const inASecond = claimed();
        expect(inASecond).toBeLessThan(70);
        await passSecond();
        expect(claimed()).toBeGreaterThan(inASecond + 30);
        await worker.stop(0);
      } finally {
        vi.useRealTimers();
      }
    });

    it('stops at once although its slots rest', async () => {
      const { worker, store, claimed } = setUpBusy({ concurrency: 1_000 });
      worker.start();
      await expect.poll(() => claimed()).toBeGreaterThan(1_500);
      await worker.stop(60_000);
      expect(store.callsOf('queue.release').flatMap(({ args }) => args[0])).toHaveLength(claimed());
      const atTheEnd = claimed();
      await nextTurn();
      expect(claimed()).toBe(atTheEnd);
    });

    it('tells the store of each why it waits, and nobody else of what has not started', async () => {
      const { worker, store, told } = setUpBusy();
      await worker.tick();
      await store.waitFor('queue.release');
      await nextTurn();
      expect(store.callsOf('queue.release').flatMap(({ args }) => args[0])).toMatchObject(
        Array.from({ length: 4 }, () => ({ failure: { code: 'source_busy' }, countAttempt: false })),
      );
      await nextTurn();
      expect(told.filter(({ name }) => name.startsWith('upload:'))).toEqual([]);
      await worker.stop();
    });
  });

  it('goes on after the store was away', async () => {
    let claims = 0;
    const { worker, host, store } = setUp({
      script: {
        queue: {
          claim: () => {
            claims += 1;
            if (claims === 1) return Promise.reject(new StoreUnavailableError('away'));
            return Promise.resolve(claims === 2 ? { ...nothing, leases: leases(1) } : nothing);
          },
        },
      },
    });
    worker.start();
    await store.waitFor('settle');
    await worker.stop(1_000);
    expect(host.uploads).toHaveLength(1);
  });

  it('takes on more at once when it is resized while it runs', async () => {
    const [one, two, three] = leases(3);
    const batches = [[one], [two, three]];
    const { worker, store, host } = setUp({
      concurrency: 1,
      script: {
        queue: {
          claim: () =>
            Promise.resolve({ ...nothing, leases: (batches.shift() ?? []).filter((l) => l !== undefined) }),
        },
      },
    });
    const hold = host.hold();
    worker.start();
    await hold.waitFor(1);
    expect(store.callsOf('queue.claim')).toHaveLength(1);
    worker.resize(3);
    await hold.waitFor(3);
    expect(host.inFlight).toBe(3);
    hold.release();
    await worker.stop(1_000);
    expect(host.peak).toBe(3);
  });

  it('does what the fleet tells it', async () => {
    const commands: WorkerCommand[] = [{ type: 'resize', slots: 5 }, { type: 'pause' }];
    const { worker, store } = setUp({
      leaseMs: 60,
      heartbeatMs: 20,
      script: { fleet: { beat: () => Promise.resolve(commands.splice(0)) } },
    });
    worker.start();
    const beats = await store.waitFor('fleet.beat', 2);
    expect(beats[0]?.args).toMatchObject([{ state: 'online', slots: 8, complete: 0, pid: process.pid }, 20]);
    expect(beats[1]?.args).toMatchObject([{ state: 'paused', slots: 5 }, 20]);
    expect(beats[0]?.args).toMatchObject([{ settings: { leaseMs: 60, concurrency: 8 } }, 20]);
    expect(beats[1]?.args).toMatchObject([{ settings: { leaseMs: 60, concurrency: 5 } }, 20]);
    commands.push({ type: 'drain' });
    await worker.stopped;
    expect(store.callsOf('fleet.leave')).toHaveLength(1);
  });

  it('has stopped when its stop has been carried out, and not before', async () => {
    const { worker, host } = setUp({ claims: [{ ...nothing, leases: leases(1) }] });
    let stopped = false;
    const end = worker.stopped.then(() => {
      stopped = true;
    });
    const hold = host.hold();
    await worker.tick();
    await hold.waitFor(1);
    const stop = worker.stop(60_000);
    await Promise.resolve();
    expect(stopped).toBe(false);
    hold.release();
    await Promise.all([stop, end]);
  });

  it('tells once that the store was emptied, and drops what it held', async () => {
    const { worker, store, source, told } = setUp({
      claims: [{ ...nothing, leases: leases(2) }],
      leaseMs: 60,
      heartbeatMs: 20,
      script: {
        get: () => Promise.resolve(undefined),
        queue: { extend: (asked) => Promise.resolve(asked.map((lease) => ({ lease, reason: 'unknown' }))) },
      },
    });
    const hold = source.hold();
    worker.start();
    await store.waitFor('get');
    await store.waitFor('queue.release');
    hold.release();
    await worker.stop(1_000);
    // On a machine that is busy a heartbeat of so short a lease may be late, which is told of too.
    const isLag = (event: { error?: unknown }): boolean => event.error instanceof LoopLagError;
    expect(told.filter(({ name, event }) => name === 'error' && !isLag(event))).toMatchObject([
      { event: { error: { code: 'store_reset' }, during: 'keeping leases' } },
    ]);
    expect(told.filter(({ name }) => name === 'upload:lost')).toMatchObject([
      { event: { index: 0, reason: 'unknown' } },
      { event: { index: 1, reason: 'unknown' } },
    ]);
  });

  it.each([
    ['its job is known: it was settled a moment ago', aJobSummary(), 2],
    ['others are held still', undefined, 1],
  ])('takes an unknown lease for no reset of the store when %s', async (_when, job, unknown) => {
    const { worker, store, source, told } = setUp({
      claims: [{ ...nothing, leases: leases(2) }],
      leaseMs: 5_000,
      heartbeatMs: 20,
      script: {
        get: () => Promise.resolve(job),
        queue: {
          extend: (asked) =>
            Promise.resolve(
              asked.filter(({ index }) => index < unknown).map((lease) => ({ lease, reason: 'unknown' })),
            ),
        },
      },
    });
    const hold = source.hold();
    worker.start();
    await store.waitFor('queue.release');
    hold.release();
    await worker.stop(1_000);
    expect(told.filter(({ name }) => name === 'error')).toEqual([]);
  });

  it('tells that it did nothing for longer than its leases last', async () => {
    const { worker, store, source, told } = setUp({
      claims: [{ ...nothing, leases: leases(1) }],
      leaseMs: 200,
      heartbeatMs: 50,
    });
    const errors = () => told.filter(({ name }) => name === 'error');
    const hold = source.hold();
    worker.start();
    await store.waitFor('queue.extend');
    await new Promise((resolve) => setImmediate(resolve));
    const until = performance.now() + 400;
    while (performance.now() < until);
    await expect.poll(() => errors().length).toBeGreaterThan(0);
    hold.release();
    await worker.stop(1_000);
    expect(errors()[0]).toMatchObject({
      event: { error: { code: 'loop_lag' }, during: 'keeping leases' },
    });
  });

  it('keeps the link when the store is away for what the reply told of the limits', async () => {
    const reading = { scope: ['b'], buckets: [{ bucket: 'b', remaining: 0, resetInMs: 60_000 }] };
    const observe = (): Promise<never> => Promise.reject(new StoreUnavailableError('away'));
    const { worker, store, host, names } = setUp({
      claims: [{ ...nothing, leases: leases(1) }],
      script: { budget: { observe } },
    });
    host.always({ reading });
    await worker.tick();
    await worker.stop(1_000);
    expect(store.callsOf('settle')[0]?.args).toMatchObject([
      [{ outcome: { status: 'complete', link: 'https://img.example/1' } }],
      [reading],
    ]);
    expect(names()).toContain('upload:completed');
  });

  it('tells the store what a cancelled transfer had sent', async () => {
    const { worker, store, source } = setUp({ claims: [{ ...nothing, leases: leases(1) }] });
    const hold = source.hold();
    await worker.tick();
    await hold.waitFor(1);
    worker.cancelling('job-1')();
    await worker.stop(1_000);
    expect(store.callsOf('queue.release').flatMap(({ args }) => args[0])).toMatchObject([
      { posts: 0, possiblyDuplicated: false, countAttempt: false },
    ]);
  });

  it('obeys the commands after those that can not be obeyed, because they can not work or are of a newer version', async () => {
    const newer = { type: 'dance' } as unknown as WorkerCommand;
    const commands: WorkerCommand[] = [{ type: 'resize', slots: 0 }, newer, { type: 'drain' }];
    const { worker, store, told } = setUp({
      script: { fleet: { beat: () => Promise.resolve(commands.splice(0)) } },
    });
    worker.start();
    await store.waitFor('fleet.leave');
    await worker.stop();
    expect(told).toMatchObject([
      { name: 'error', event: { during: 'obeying the command to resize' } },
      { name: 'error', event: { during: 'obeying the command to dance' } },
    ]);
  });

  it('stops although the fleet does not answer', async () => {
    const { worker, store, told } = setUp({ script: { fleet: { beat: () => new Promise(() => {}) } } });
    worker.start();
    await store.waitFor('fleet.beat');
    await worker.stop(0);
    expect(told).toMatchObject([{ name: 'error', event: { during: 'leaving the fleet' } }]);
  });

  it('tells that a host has resumed although it is never idle', async () => {
    const budgeted = createFakeHost({ budget: ['b'] });
    const hold = budgeted.hold();
    const exhausted = { allowed: 0, paused: { forMs: 5_000, reason: 'exhausted' }, buckets: [] } as const;
    const states: BudgetState[] = [exhausted];
    const { worker, names } = setUp({
      host: budgeted,
      concurrency: 1,
      claims: [nothing, { ...nothing, leases: leases(1) }],
      script: {
        budget: {
          read: () => Promise.resolve(states.shift() ?? { allowed: 9, paused: undefined, buckets: [] }),
        },
        queue: { wait: () => Promise.resolve() },
      },
    });
    worker.start();
    await hold.waitFor(1);
    expect(names().filter((name) => name.startsWith('host:'))).toEqual(['host:paused', 'host:resumed']);
    hold.release();
    await worker.stop(1_000);
  });

  it('takes no time to drain that a timer can not hold', () => {
    expect(() => setUp().worker.stop(-1)).toThrow(
      'timeoutMs is -1; it must be a whole number from 0 to 2147483647',
    );
  });

  it('drains for as long as it takes when it is told so', async () => {
    const { worker, host, names } = setUp({ claims: [{ ...nothing, leases: leases(1) }] });
    const hold = host.hold();
    await worker.tick();
    await hold.waitFor(1);
    const stopped = worker.stop(Number.POSITIVE_INFINITY);
    await new Promise((resolve) => setTimeout(resolve, 20));
    hold.release();
    await stopped;
    expect(names()).toContain('upload:completed');
  });

  it('can not start again once it was stopped', async () => {
    const { worker } = setUp();
    await worker.stop();
    expect(() => worker.start()).toThrow('the worker was stopped and can not start again');
  });

  it('refuses a size that can not work', () => {
    expect(() => setUp().worker.resize(0)).toThrow('slots is 0; it must be a whole number from 1 to 10000');
  });
});
