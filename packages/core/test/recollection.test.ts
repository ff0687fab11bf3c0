import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { StoreUnavailableError } from '../src/errors.ts';
import type { Lease } from '../src/lease.ts';
import { silentLogger } from '../src/logger.ts';
import { type ResolvedOptions, resolveOptions } from '../src/options.ts';
import { type Known, Recollection } from '../src/recollection.ts';
import { SingleFlight } from '../src/single-flight.ts';
import type { Store } from '../src/store.ts';
import {
  aLease,
  createFakeHost,
  createFakeSource,
  type FakeHost,
  type FakeImage,
  ScriptedStore,
  sampleImage,
} from '../src/testing/index.ts';
import { type TransferResult, transfer } from '../src/transfer.ts';
import { TransferError } from '../src/transfer-error.ts';

const png = sampleImage('image/png', { bytes: 3_000 });
const known = 'https://img.example/known';
const watcher = { onProgress: () => {}, onRetry: () => {} };
const lease = aLease();

class Bench {
  readonly host: FakeHost;
  readonly store: ScriptedStore;
  readonly abort = new AbortController();
  readonly #options: ResolvedOptions;
  readonly #flights = new SingleFlight<Known>();

  constructor(recall: Store['recall'], image: FakeImage = png, host: FakeHost = createFakeHost()) {
    this.host = host;
    this.store = new ScriptedStore({ recall });
    const source = createFakeSource(
      Object.fromEntries([0, 1, 2, 3].map((index) => [aLease({ index }).url, image])),
    );
    const { store } = this;
    const quick = { retryDelayMs: 0, logger: silentLogger, rememberImagesMs: 60_000 };
    this.#options = resolveOptions({ store, source, host, ...quick });
  }

  recollection(which: Lease = lease): Recollection {
    return new Recollection(which, this.#options, this.#flights);
  }

  /** A transfer, and what it does when its upload is over. */
  begin(which: Lease = lease): {
    readonly result: Promise<TransferResult>;
    readonly leave: (known?: Known) => void;
  } {
    const recollection = this.recollection(which);
    const result = transfer(which, this.#options, watcher, this.abort.signal, recollection);
    return { result, leave: (known) => recollection.leave(known) };
  }

  run(which: Lease = lease): Promise<TransferResult> {
    return this.begin(which).result;
  }

  /** The digests that the store was asked for. */
  get asked(): readonly unknown[] {
    return this.store.callsOf('recall').map(({ args }) => args[0]);
  }
}

afterEach(() => void vi.useRealTimers());

const unknown = (): Promise<undefined> => Promise.resolve(undefined);

async function digestOf(
  image: FakeImage,
  options: Lease['options'] = {},
  host: FakeHost = createFakeHost(),
): Promise<unknown> {
  const bench = new Bench(unknown, image, host);
  await bench.run(aLease({ options }));
  expect(bench.asked).toHaveLength(1);
  return bench.asked[0];
}

describe('an image whose bytes have a link', () => {
  it('takes it, and neither is anything sent nor is the budget asked', async () => {
    const bench = new Bench(() => Promise.resolve(known), png, createFakeHost({ budget: ['bucket'] }));
    expect(await bench.run()).toEqual({
      status: 'settled',
      outcome: { status: 'complete', link: known, bytes: png.length, type: 'image/png', reused: true },
      posts: 0,
      possiblyDuplicated: false,
      readings: [],
    });
    expect(bench.host.posts).toBe(0);
  });

  it('takes it although a POST before had no reply, and says that the host may have two', async () => {
    const links = [undefined, known];
    const bench = new Bench(() => Promise.resolve(links.shift()));
    bench.host.next(
      new TransferError('host_reply_lost', 'no reply', { possiblyStored: true, retry: 'soon' }),
    );
    const result = await bench.run();
    expect(result).toMatchObject({
      posts: 1,
      outcome: { link: known, reused: true, possiblyDuplicated: true },
    });
    expect(result).not.toHaveProperty('outcome.remember');
  });
});

describe('an image whose bytes have none', () => {
  it('is sent, and its outcome has it remembered by what the store was asked for', async () => {
    const bench = new Bench(unknown);
    const result = await bench.run();
    expect(bench.asked).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    const remember = { digest: bench.asked[0], ttlMs: 60_000 };
    expect(result).toMatchObject({ posts: 1, outcome: { remember, deleteHash: 'delete-1' } });
    expect(result).not.toHaveProperty('outcome.reused');
  });

  it.each<[string, Store['recall']]>([
    ['is away', () => Promise.reject(new StoreUnavailableError('away'))],
    ['has a fault', () => Promise.reject(new TypeError('a fault'))],
    ['answers what is no link', () => Promise.resolve(null as never)],
    ['answers an empty link', () => Promise.resolve('')],
  ])('is sent when the store %s', async (_what, recall) => {
    const bench = new Bench(recall);
    expect(await bench.run()).toMatchObject({ posts: 1, outcome: { link: 'https://img.example/1' } });
  });

  it('is sent when the store does not answer in time, and nobody hears what it answers after that', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const late = Promise.withResolvers<undefined>();
    const asked = Promise.withResolvers<void>();
    const bench = new Bench(() => {
      asked.resolve();
      return late.promise;
    });
    const result = bench.run();
    await asked.promise;
    await vi.advanceTimersByTimeAsync(2_999);
    expect(bench.host.posts).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(await result).toMatchObject({ posts: 1, outcome: { link: 'https://img.example/1' } });
    // An unhandled rejection fails the run of the tests.
    late.reject(new Error('too late'));
    await nextTurn();
  });

  it('is not sent when its upload ends while the store does not answer', async () => {
    const asked = Promise.withResolvers<void>();
    const bench = new Bench(() => {
      asked.resolve();
      return new Promise(() => {});
    });
    const result = bench.run();
    await asked.promise;
    const reason = new Error('cancelled');
    bench.abort.abort(reason);
    expect(await result).toMatchObject({ status: 'aborted', reason, posts: 0 });
  });

  it('that is a stream is not asked for and not remembered', async () => {
    const bench = new Bench(() => Promise.resolve(known), { bytes: png, stream: true });
    const result = await bench.run();
    expect(result).toMatchObject({ posts: 1, outcome: { status: 'complete' } });
    expect(result).not.toHaveProperty('outcome.remember');
    expect(bench.asked).toEqual([]);
  });
});

describe('the same image', () => {
  it('is the same bytes with the same options, in whatever chunks and order', async () => {
    const digest = await digestOf(png, { title: 'a', album: 'b' });
    expect(await digestOf({ bytes: png, chunks: 7 }, { album: 'b', title: 'a' })).toBe(digest);
  });

  it('is none with other bytes, other options or for another host', async () => {
    const digests = [
      await digestOf(png),
      await digestOf(sampleImage('image/png', { bytes: 3_001 })),
      await digestOf(png, { album: 'a' }),
      await digestOf(png, { title: 'a' }),
      await digestOf(png, {}, createFakeHost({ name: 'another' })),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('two uploads of the same bytes in one process', () => {
  it('go one after the other, so that the second gets the link of the first', async () => {
    const bench = new Bench(unknown);
    const hold = bench.host.hold();
    const first = bench.begin();
    await hold.waitFor(1);
    const second = bench.begin(aLease({ index: 1 }));
    await nextTurn();
    hold.release();
    await first.result;
    first.leave({ link: known });
    expect(await second.result).toMatchObject({ outcome: { link: known, reused: true } });
    expect(bench.asked).toHaveLength(1);
    expect(bench.host.posts).toBe(1);
  });

  it('fail both when the host refuses the first for good, and the second is not sent', async () => {
    const bench = new Bench(unknown);
    bench.host.next(new TransferError('host_rejected', 'the host refuses it'));
    const all = [bench.begin(), bench.begin(aLease({ index: 1 }))];
    const failure = { code: 'host_rejected', message: 'the host refuses it' };
    const posts: number[] = [];
    for (const { result } of all) {
      expect(await result).toMatchObject({ outcome: { status: 'failed', failure } });
      posts.push((await result).posts);
    }
    expect(posts).toEqual([1, 0]);
    // A refusal is not remembered.
    expect(await bench.run()).toMatchObject({ outcome: { status: 'complete' } });
  });

  it('are each sent when the first fails for what may pass, and nobody waits twice', async () => {
    const bench = new Bench(unknown);
    bench.host.next(new TransferError('host_rate_limited', 'not now'));
    const first = bench.begin();
    const others = [1, 2, 3].map((index) => bench.begin(aLease({ index })));
    expect(await first.result).toMatchObject({ status: 'again' });
    const hold = bench.host.hold();
    first.leave();
    await hold.waitFor(3);
    hold.release();
    for (const { result } of others)
      expect(await result).toMatchObject({ outcome: { status: 'complete' }, posts: 1 });
  });

  it('ask the store once for a link that it knows, and wait for nothing else', async () => {
    const bench = new Bench(() => Promise.resolve(known));
    const all = [bench.begin(), bench.begin(aLease({ index: 1 }))];
    for (const { result } of all)
      expect(await result).toMatchObject({ outcome: { link: known, reused: true } });
    expect(bench.asked).toHaveLength(1);
  });

  it('do not wait for one whose bytes are others by now', async () => {
    const bench = new Bench(unknown);
    const { signal } = bench.abort;
    const facts = { type: 'image/png', bytes: 1, dispose: () => {} };
    const [one, other] = [
      { ...facts, body: [Uint8Array.of(1)] },
      { ...facts, body: [Uint8Array.of(2)] },
    ];
    const first = bench.recollection();
    await first.recall(one, signal);
    await first.recall(other, signal);
    await bench.recollection(aLease({ index: 1 })).recall(one, signal);
    expect(new Set(bench.asked).size).toBe(2);
    expect(bench.asked[2]).toBe(bench.asked[0]);
    expect(first.marks).toMatchObject({ remember: { digest: bench.asked[1] } });
  });

  it('wait no longer than until they are told to end', async () => {
    const bench = new Bench(unknown);
    const hold = bench.host.hold();
    const first = bench.begin();
    await hold.waitFor(1);
    const second = bench.begin(aLease({ index: 1 }));
    const reason = new Error('drain');
    bench.abort.abort(reason);
    expect(await second.result).toMatchObject({ status: 'aborted', reason, posts: 0 });
    await first.result;
  });
});
