import { describe, expect, it, vi } from 'vitest';

import { StoreUnavailableError } from '../src/errors.ts';
import type { RetryRule } from '../src/failure.ts';
import { silentLogger } from '../src/logger.ts';
import { type ResolvedOptions, resolveOptions } from '../src/options.ts';
import {
  aLease,
  createFakeHost,
  createFakeSource,
  type FakeHost,
  type FakeSource,
  ScriptedStore,
  type StoreScript,
  sampleImage,
} from '../src/testing/index.ts';
import { type TransferResult, transfer } from '../src/transfer.ts';
import { TransferError } from '../src/transfer-error.ts';

const lease = aLease({ url: 'https://pictures.example/a.png?signature=canary' });
const png = sampleImage('image/png', { bytes: 3_000 });
const reading = { scope: ['b'], buckets: [{ bucket: 'b', remaining: 5, resetInMs: 1_000 }] };
const unpaused = { allowed: 10, paused: undefined, buckets: [] };

const silentWatcher = { onProgress: () => {}, onRetry: () => {} };

class Bench {
  readonly source: FakeSource = createFakeSource({ [lease.url]: png });
  readonly host: FakeHost;
  readonly store: ScriptedStore;
  readonly options: ResolvedOptions;
  readonly retried: string[] = [];
  readonly progress: number[] = [];
  readonly abort = new AbortController();

  constructor({ script = {}, budget }: { script?: StoreScript; budget?: readonly string[] } = {}) {
    this.host = createFakeHost(budget === undefined ? {} : { budget });
    this.store = new ScriptedStore(script);
    const { source, host, store } = this;
    this.options = resolveOptions({
      source,
      host,
      store,
      retryDelayMs: 0,
      attemptDelayMs: 1_000,
      logger: silentLogger,
    });
  }

  async run(which = lease): Promise<TransferResult> {
    const watcher = {
      onProgress: (sent: number) => void this.progress.push(sent),
      onRetry: (failure: { code: string }) => void this.retried.push(failure.code),
    };
    const result = await transfer(which, this.options, watcher, this.abort.signal);
    expect(this.source.live).toBe(0);
    return result;
  }
}

describe('a transfer', () => {
  it('carries the image to the host and answers its link and facts', async () => {
    const bench = new Bench();
    bench.host.always({ reading, width: 3, height: 4 });
    expect(await bench.run()).toEqual({
      status: 'settled',
      outcome: {
        status: 'complete',
        link: 'https://img.example/1',
        deleteHash: 'delete-1',
        bytes: png.length,
        type: 'image/png',
        width: 3,
        height: 4,
      },
      posts: 1,
      possiblyDuplicated: false,
      readings: [reading],
    });
    expect(bench.progress).toEqual([png.length]);
  });

  it('tells the dimensions of the header where the host tells none, also of an image that failed', async () => {
    const bench = new Bench();
    bench.source.set(lease.url, { bytes: png, width: 5, height: 6 });
    expect(await bench.run()).toMatchObject({ outcome: { status: 'complete', width: 5, height: 6 } });
    bench.host.next({ width: 3, height: 4 });
    expect(await bench.run()).toMatchObject({ outcome: { status: 'complete', width: 3, height: 4 } });
    bench.host.next(new TransferError('host_rejected', 'no'));
    expect(await bench.run()).toMatchObject({ outcome: { status: 'failed', width: 5, height: 6 } });
  });

  it('drops dimensions of a source that count nothing', async () => {
    const bench = new Bench();
    bench.source.set(lease.url, { bytes: png, width: -1, height: Number.NaN });
    const { outcome } = (await bench.run()) as Extract<TransferResult, { status: 'settled' }>;
    expect(Object.keys(outcome)).toEqual(['status', 'link', 'bytes', 'type', 'deleteHash']);
  });

  it('hands the options of the job to the host', async () => {
    const bench = new Bench();
    await bench.run(aLease({ ...lease, options: { title: 'T', album: 'A' } }));
    expect(bench.host.uploads[0]?.options).toEqual({ title: 'T', album: 'A' });
  });

  it('tries again what passes in seconds, and does not ask the source twice for what it holds', async () => {
    const bench = new Bench();
    bench.host.next(new TransferError('host_unavailable', 'busy'), { times: 2 });
    expect(await bench.run()).toMatchObject({ status: 'settled', outcome: { status: 'complete' }, posts: 3 });
    expect(bench.source.opened).toHaveLength(1);
    expect(bench.retried).toEqual(['host_unavailable', 'host_unavailable']);
  });

  it('opens a stream anew for every try', async () => {
    const bench = new Bench();
    bench.source.set(lease.url, { bytes: png, stream: true, chunks: 3 });
    bench.host.next(new TransferError('host_unavailable', 'busy'));
    expect(await bench.run()).toMatchObject({ outcome: { status: 'complete' }, posts: 2 });
    expect(bench.source.opened).toHaveLength(2);
  });

  it.each(['truncated', 'source_timeout', 'source_unreachable'] as const)(
    'spends one POST and no more in an attempt when the source fails while its image is sent: %s',
    async (code) => {
      const bench = new Bench();
      const breaksWith = new TransferError(code, 'it broke');
      bench.source.set(lease.url, { bytes: png, stream: true, chunks: 3, breaksWith });
      const again = { status: 'again', countAttempt: true, posts: 1, failure: { code } };
      expect(await bench.run()).toMatchObject(again);
      expect(bench.retried).toEqual([]);
    },
  );

  it('asks a source at once again that fails before anything is sent', async () => {
    const bench = new Bench();
    bench.source.set(lease.url, new TransferError('source_timeout', 'it is slow'));
    expect(await bench.run()).toMatchObject({ status: 'again', posts: 0 });
    expect(bench.retried).toEqual(['source_timeout', 'source_timeout']);
  });

  it('gives the lease back when the retries did not help, later with each attempt', async () => {
    const delays: number[] = [];
    for (const attempt of [1, 2]) {
      const bench = new Bench();
      bench.host.always(new TransferError('host_unavailable', 'busy'));
      const result = await bench.run(aLease({ ...lease, attempt, runAttempt: attempt }));
      expect(result).toMatchObject({
        status: 'again',
        countAttempt: true,
        posts: 3,
        failure: { code: 'host_unavailable' },
      });
      if (result.status === 'again') delays.push(result.delayMs);
    }
    expect(delays[0]).toBeGreaterThanOrEqual(800);
    expect(delays[0]).toBeLessThanOrEqual(1_200);
    expect(delays[1]).toBeGreaterThanOrEqual(2_400);
    expect(delays[1]).toBeLessThanOrEqual(3_600);
  });

  it('fails for good after the last attempt', async () => {
    const bench = new Bench();
    bench.host.always(new TransferError('host_unavailable', 'busy'));
    expect(await bench.run(aLease({ ...lease, attempt: 3, runAttempt: 3 }))).toMatchObject({
      status: 'settled',
      outcome: {
        status: 'failed',
        failure: { code: 'host_unavailable', message: 'busy' },
        bytes: png.length,
      },
    });
  });

  it('fails at once for what will not change, without a POST', async () => {
    const bench = new Bench();
    bench.source.set(lease.url, new TransferError('not_an_image', 'the first bytes are of HTML'));
    expect(await bench.run()).toEqual({
      status: 'settled',
      outcome: {
        status: 'failed',
        failure: { code: 'not_an_image', message: 'the first bytes are of HTML' },
      },
      posts: 0,
      possiblyDuplicated: false,
      readings: [],
    });
    expect(bench.source.opened).toHaveLength(1);
  });

  it('tries exactly once more where once is the rule', async () => {
    const bench = new Bench();
    bench.source.set(lease.url, new TransferError('host_not_found', 'no address'));
    expect(await bench.run()).toMatchObject({
      status: 'settled',
      outcome: { failure: { code: 'host_not_found' } },
    });
    expect(bench.source.opened).toHaveLength(2);
  });

  it('goes back for as long as a busy source says, without counting the attempt, however often', async () => {
    const bench = new Bench({ budget: ['b'] });
    bench.source.set(lease.url, new TransferError('source_busy', 'busy', { retryAfterMs: 700 }));
    expect(await bench.run(aLease({ ...lease, attempt: 3, runAttempt: 3 }))).toMatchObject({
      ...{ status: 'again', countAttempt: false, delayMs: 700, posts: 0 },
      failure: { code: 'source_busy' },
    });
    expect(bench.source.opened).toHaveLength(1);
    expect(bench.retried).toEqual([]);
  });

  it('goes back for as long as a busy source says also where no stranger is granted any time', async () => {
    const bench = new Bench();
    bench.source.set(lease.url, new TransferError('source_busy', 'busy', { retryAfterMs: 700 }));
    const options = { ...bench.options, maxRetryAfterMs: 0 };
    const result = await transfer(lease, options, silentWatcher, bench.abort.signal);
    expect(result).toMatchObject({ status: 'again', countAttempt: false, delayMs: 700 });
  });

  it('goes back for as long as a retry waits when a busy source does not say for how long', async () => {
    const bench = new Bench();
    bench.source.set(lease.url, new TransferError('source_busy', 'busy'));
    const options = { ...bench.options, retryDelayMs: 50 };
    const result = await transfer(lease, options, silentWatcher, bench.abort.signal);
    expect(result).toMatchObject({ status: 'again', countAttempt: false, delayMs: 50 });
  });

  it.each(['source_unavailable', 'host_not_found'] as const)(
    'counts the attempt by what had gone wrong, %s, when the source is too busy for the retry',
    async (code) => {
      const bench = new Bench();
      const busy = new TransferError('source_busy', 'busy', { retryAfterMs: 5_000 });
      bench.source.set(lease.url, (open) => (open === 1 ? new TransferError(code, 'gone wrong') : busy));
      expect(await bench.run()).toMatchObject({
        ...{ status: 'again', countAttempt: true, delayMs: 5_000 },
        failure: { code, message: 'gone wrong' },
      });
    },
  );

  it('fails after its last attempt although the source is too busy for the retry', async () => {
    const bench = new Bench();
    const gone = new TransferError('source_unavailable', 'the source answered with status 503');
    bench.source.set(lease.url, (open) => (open === 1 ? gone : new TransferError('source_busy', 'busy')));
    expect(await bench.run(aLease({ ...lease, attempt: 3, runAttempt: 3 }))).toMatchObject({
      ...{ status: 'settled' },
      outcome: { status: 'failed', failure: { code: 'source_unavailable' } },
    });
  });

  it('does not keep a slot for a Retry-After of more than seconds', async () => {
    const bench = new Bench();
    bench.source.set(lease.url, new TransferError('source_unavailable', 'busy', { retryAfterMs: 60_000 }));
    expect(await bench.run()).toMatchObject({ status: 'again', delayMs: 60_000, countAttempt: true });
    expect(bench.source.opened).toHaveLength(1);
  });

  it.each([
    ['soon', 'truncated', 10_001, 1],
    ['soon', 'truncated', 9_000, 3],
    ['once', 'host_not_found', 10_001, 2],
  ] as const)(
    'does not keep a slot for what is tried again %s, %s, after a try of %i ms: it tries %i times',
    async (_, code, tookMs, tries) => {
      let nowMs = 0;
      const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
      const bench = new Bench();
      bench.source.set(lease.url, () => {
        nowMs += tookMs;
        return new TransferError(code, 'slow');
      });
      const result = await bench.run();
      clock.mockRestore();
      expect(result.status).toBe(code === 'truncated' ? 'again' : 'settled');
      expect(bench.source.opened).toHaveLength(tries);
    },
  );

  it('grants a Retry-After no more than its cap', async () => {
    const bench = new Bench();
    bench.source.set(lease.url, new TransferError('source_unavailable', 'busy', { retryAfterMs: 9e9 }));
    expect(await bench.run()).toMatchObject({ status: 'again', delayMs: 3_600_000 });
  });

  it('waits for a host that allows nothing, without counting the attempt, however often', async () => {
    const bench = new Bench();
    bench.host.always(new TransferError('host_rate_limited', 'too fast', { reading }));
    expect(await bench.run(aLease({ ...lease, attempt: 3, runAttempt: 3 }))).toMatchObject({
      status: 'again',
      countAttempt: false,
      readings: [reading],
      posts: 1,
    });
  });

  it.each(['host_overloaded', 'host_rate_limited', 'host_credentials', 'host_blocked'] as const)(
    'does with %s what the error says of it, where it says otherwise than the table',
    async (code) => {
      const judged = async (retry: RetryRule, attempt: number) => {
        const bench = new Bench();
        bench.host.always(new TransferError(code, 'no', { retry, retryAfterMs: 0 }));
        const result = await bench.run(aLease({ ...lease, attempt, runAttempt: attempt }));
        return [result.status, 'countAttempt' in result && result.countAttempt, result.posts];
      };
      expect(await judged('never', 1)).toEqual(['settled', false, 1]);
      expect(await judged('later', 1)).toEqual(['again', true, 1]);
      expect(await judged('later', 3)).toEqual(['settled', false, 1]);
      expect(await judged('again', 3)).toEqual(['again', false, 3]);
    },
  );

  it('counts the attempts of its run alone, and goes by these for how long it waits', async () => {
    const attemptOf = async (runAttempt: number) => {
      const bench = new Bench();
      bench.host.always(new TransferError('host_rejected', 'no', { retry: 'later' }));
      return bench.run(aLease({ ...lease, attempt: 9, runAttempt }));
    };
    const [first, second, third] = [await attemptOf(1), await attemptOf(2), await attemptOf(3)];
    expect([first.status, second.status, third.status]).toEqual(['again', 'again', 'settled']);
    // Each is spread by a fifth either way.
    for (const [result, expectedMs] of [[first, 1_000] as const, [second, 3_000] as const])
      expect(Math.abs(('delayMs' in result ? result.delayMs : 0) / expectedMs - 1)).toBeLessThanOrEqual(0.2);
  });

  it('does not post to a host that was paused while the image was fetched', async () => {
    const paused = { allowed: 0, paused: { forMs: 5_000, reason: 'rate-limited' }, buckets: [] } as const;
    const bench = new Bench({ budget: ['b'], script: { budget: { read: () => Promise.resolve(paused) } } });
    expect(await bench.run()).toMatchObject({ status: 'again', countAttempt: false, posts: 0, delayMs: 0 });
    expect(bench.host.posts).toBe(0);
  });

  it('has every POST after the first charged, and posts no more when nothing is left', async () => {
    const left = [true, false];
    const budget = {
      read: () => Promise.resolve(unpaused),
      charge: () => Promise.resolve(left.shift() ?? false),
    };
    const bench = new Bench({ budget: ['b'], script: { budget } });
    bench.host.always(new TransferError('host_unavailable', 'busy'));
    expect(await bench.run()).toMatchObject({ status: 'again', countAttempt: false, posts: 2 });
    expect(bench.store.callsOf('budget.charge')).toHaveLength(2);
  });

  it('is not asked of a host at once again when nobody knows for how long it allows nothing', async () => {
    const bench = new Bench({ budget: ['b'], script: { budget: { read: () => Promise.resolve(unpaused) } } });
    bench.host.always(new TransferError('host_rate_limited', 'too fast'));
    expect(await bench.run()).toMatchObject({ status: 'again', countAttempt: false, delayMs: 1_000 });
  });

  it('goes back for as long as a retry waits, and fails nothing, when the store can not be asked what the host allows', async () => {
    const read = (): Promise<never> => Promise.reject(new StoreUnavailableError('away'));
    const bench = new Bench({ budget: ['b'], script: { budget: { read } } });
    expect(await bench.run(aLease({ ...lease, attempt: 3, runAttempt: 3 }))).toMatchObject({
      status: 'again',
      countAttempt: false,
      delayMs: 0,
      posts: 0,
    });
  });

  it('counts no POST that never left', async () => {
    const bench = new Bench();
    bench.host.always(new TransferError('host_unavailable', 'refused', { notSent: true }));
    expect(await bench.run()).toMatchObject({ status: 'again', posts: 0 });
  });

  it('does not believe a source that speaks of POSTs', async () => {
    const bench = new Bench();
    const facts = { notSent: true, possiblyStored: true };
    bench.source.set(lease.url, new TransferError('source_timeout', 'late', { ...facts, retry: 'never' }));
    const { outcome, posts } = (await bench.run()) as Extract<TransferResult, { status: 'settled' }>;
    expect([posts, outcome]).toEqual([
      0,
      { status: 'failed', failure: { code: 'source_timeout', message: 'late' } },
    ]);
  });

  it('marks an image that the host may have kept although no reply came', async () => {
    const bench = new Bench();
    bench.host.next(
      new TransferError('host_reply_lost', 'no reply', { possiblyStored: true, retry: 'soon' }),
    );
    expect(await bench.run()).toMatchObject({
      outcome: { status: 'complete', possiblyDuplicated: true },
      possiblyDuplicated: true,
    });
  });

  it('keeps that mark when its last attempt fails', async () => {
    const bench = new Bench();
    bench.host.next(
      new TransferError('host_reply_lost', 'no reply', { possiblyStored: true, retry: 'never' }),
    );
    expect(await bench.run()).toMatchObject({ outcome: { status: 'failed', possiblyDuplicated: true } });
  });

  it.each([
    ['nothing', undefined],
    ['no link', { link: undefined }],
    ['a link that is no text', { link: 7 }],
    ['an empty link', { link: '' }],
  ])('takes %s in place of a link for a bad reply of the host', async (_what, answer) => {
    const bench = new Bench();
    const host = { ...bench.host, upload: async () => answer as never };
    const result = await transfer(lease, { ...bench.options, host }, silentWatcher, bench.abort.signal);
    expect(result).toMatchObject({
      ...{ status: 'again', countAttempt: true, possiblyDuplicated: true },
      failure: { code: 'host_bad_reply', message: 'the host took the image and gave no link' },
    });
  });

  it('keeps the link when what comes with it is of no use', async () => {
    const bench = new Bench();
    const wrong = { scope: ['b'], buckets: [{ bucket: 'b', remaining: Number.NaN, resetInMs: 1 }] };
    const more = { width: Number.NaN, height: null, deleteHash: 7, reading: wrong };
    const host = {
      ...bench.host,
      upload: async () => ({ link: 'https://links.example/a', ...more }) as never,
    };
    const result = await transfer(lease, { ...bench.options, host }, silentWatcher, bench.abort.signal);
    expect(result).toMatchObject({ status: 'settled', readings: [] });
    expect(result).toHaveProperty('outcome', {
      ...{ status: 'complete', link: 'https://links.example/a', bytes: 3_000, type: 'image/png' },
    });
  });

  it('posts no image of which its source tells no size', async () => {
    const bench = new Bench();
    const source = {
      open: async (...args: Parameters<FakeSource['open']>) => ({
        ...(await bench.source.open(...args)),
        bytes: Number.NaN,
      }),
    };
    const result = await transfer(lease, { ...bench.options, source }, silentWatcher, bench.abort.signal);
    expect(result).toMatchObject({ posts: 0, failure: { code: 'internal_error' } });
  });

  it('tells a fault of a source or a host apart, and keeps its text out of the failure', async () => {
    const bench = new Bench();
    bench.host.always(() => {
      throw new RangeError('secret canary');
    });
    const result = await bench.run();
    expect(result).toMatchObject({ status: 'again', failure: { code: 'internal_error' } });
    expect(JSON.stringify(result)).not.toContain('canary');
  });

  it('opens nothing for a lease that was lost before it began', async () => {
    const bench = new Bench();
    let opened = 0;
    const source = {
      ...bench.source,
      open: () => {
        opened += 1;
        return Promise.reject(new Error('opened'));
      },
    };
    bench.abort.abort(new Error('lost'));
    const watcher = { onProgress: () => {}, onRetry: () => {} };
    const result = await transfer(lease, { ...bench.options, source }, watcher, bench.abort.signal);
    expect(result).toMatchObject({ status: 'aborted', posts: 0 });
    expect(opened).toBe(0);
  });

  it('ends when its signal aborts, and frees the source', async () => {
    const bench = new Bench();
    const hold = bench.source.hold();
    const result = bench.run();
    await hold.waitFor(1);
    const reason = new Error('drain');
    bench.abort.abort(reason);
    expect(await result).toMatchObject({ status: 'aborted', reason, posts: 0, possiblyDuplicated: false });
  });

  it('says that the host may have the image when it ends between the last byte and the reply', async () => {
    const bench = new Bench();
    const hold = bench.host.hold();
    const result = bench.run();
    await hold.waitFor(1);
    bench.abort.abort(new Error('drain'));
    expect(await result).toMatchObject({ status: 'aborted', posts: 1, possiblyDuplicated: true });
  });

  it('keeps a link that came in the same moment as the abort', async () => {
    const bench = new Bench();
    bench.host.upload = () => {
      bench.abort.abort(new Error('drain'));
      return Promise.resolve({ link: 'https://img.example/1' });
    };
    expect(await bench.run()).toMatchObject({
      status: 'settled',
      outcome: { link: 'https://img.example/1' },
    });
  });
});
