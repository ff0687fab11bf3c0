import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { StoreUnavailableError } from '../src/errors.ts';
import { followFleet, followJob } from '../src/follow.ts';
import type { JobSummary } from '../src/job.ts';
import { JobLooks } from '../src/job-looks.ts';
import type { EventsOptions, HearProgressOptions } from '../src/store.ts';
import type { StoreEvent } from '../src/store-event.ts';
import { aJobSummary, ScriptedStore, type StoreScript } from '../src/testing/index.ts';
import type { UploadProgress, UploadProgressed } from '../src/upload-progress.ts';

const running = aJobSummary({ id: 'j', status: 'in-progress' });
const complete = aJobSummary({ id: 'j', status: 'complete', finishedAt: 1_000 });

const gap: StoreEvent = { id: 'g', at: 0, type: 'gap' };
const finished: StoreEvent = { id: 'f', at: 1_000, type: 'job:finished', jobId: 'j', job: complete };

const retried: StoreEvent = { id: 'r', at: 1_500, type: 'job:retried', jobId: 'j', job: running };

function started(jobId: string, at = 0): StoreEvent {
  return { id: `s-${jobId}-${at}`, at, type: 'job:started', jobId };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

type State = JobSummary | undefined | Error;

/**
 * A store that tells these events and then waits, and answers these states, the last one for ever. An id that is of no
 * event is before all of them.
 */
function telling(events: readonly StoreEvent[], states: readonly State[] = [], script: StoreScript = {}) {
  const left = [...states];
  const store = new ScriptedStore({
    get: async () => {
      const state = left.length > 1 ? left.shift() : left[0];
      if (state instanceof Error) throw state;
      return state;
    },
    events: async function* ({ after, live = true, signal }) {
      yield* events.slice(events.findIndex(({ id }) => id === after) + 1);
      if (live) await aborted(signal);
    },
    ...script,
  });
  return { store, looks: new JobLooks(store), pollMs: 60_000 };
}

type Told = StoreEvent | UploadProgressed;

async function all(events: AsyncIterable<Told>): Promise<Told[]> {
  const read: Told[] = [];
  for await (const event of events) read.push(event);
  return read;
}

function optionsOfStream(store: ScriptedStore): EventsOptions {
  return store.callsOf('events')[0]?.args[0] as EventsOptions;
}

describe('following the fleet', () => {
  it('tells everything after an event, gaps too, until the signal aborts', async () => {
    const parts = telling([started('a'), gap, started('b')]);
    const enough = new AbortController();
    const read: StoreEvent[] = [];
    for await (const event of followFleet({ ...parts, after: 'x', signal: enough.signal })) {
      read.push(event);
      if (read.length === 3) enough.abort();
    }
    expect(read).toEqual([started('a'), gap, started('b')]);
    expect(optionsOfStream(parts.store).after).toBe('x');
  });

  it('begins with the call, and ends the stream of the store when the reader leaves', async () => {
    const parts = telling([started('a')]);
    const events = followFleet(parts);
    expect(parts.store.callsOf('events')).toHaveLength(1);
    for await (const _ of events) break;
    expect(optionsOfStream(parts.store).signal.aborted).toBe(true);
  });
});

describe('following a job', () => {
  it('tells its events and gaps, until and with the one that it has finished', async () => {
    const events = [started('j'), gap, finished, started('j', 2_000)];
    const parts = telling(events, [running]);
    expect(await all(followJob('j', parts))).toEqual([started('j'), gap, finished]);
    expect(optionsOfStream(parts.store).jobId).toBe('j');
    expect(optionsOfStream(parts.store).signal.aborted).toBe(true);
  });

  it('subscribes before it reads the state, so that nothing is missed between', async () => {
    const parts = telling([], [undefined]);
    await all(followJob('j', parts));
    expect(parts.store.calls.map(({ method }) => method)).toEqual(['events', 'get']);
  });

  it.each([
    ['a job that is unknown', undefined, 'x'],
    ['a job that is complete, when no history was asked for', complete, undefined],
  ])('ends at once for %s', async (_what, state, after) => {
    const parts = telling([finished], [state]);
    expect(await all(followJob('j', { ...parts, ...(after === undefined ? {} : { after }) }))).toEqual([]);
  });

  it('tells the history of a complete job up to its end, however long a store takes to read it', async () => {
    const parts = telling([started('j'), finished, started('j', 2_000)], [complete]);
    expect(await all(followJob('j', { ...parts, after: 'x' }))).toEqual([started('j'), finished]);
  });

  it('ends when nothing is left of the history of a complete job, without waiting for more', async () => {
    const parts = telling([started('j')], [complete]);
    expect(await all(followJob('j', { ...parts, after: 'x' }))).toEqual([started('j')]);
    expect(parts.store.callsOf('events').map(({ args: [options] }) => options)).toMatchObject([
      { jobId: 'j', after: 'x' },
      { jobId: 'j', after: 'x', live: false, until: 2_000 },
      { jobId: 'j', after: 's-j-0', live: false, until: 2_000 },
    ]);
  });

  it.each([
    ['that is running by now', [complete, running]],
    ['while the store is away', [complete, new StoreUnavailableError('away')]],
    ['that is complete once more by now', [complete, complete]],
  ])('goes on with a job %s, retried since it was seen to be complete', async (_what, states) => {
    const history: StoreEvent[] = [finished, retried];
    const parts = telling([], states, {
      events: async function* ({ after, live = true, signal }) {
        yield* history.slice(history.findIndex(({ id }) => id === after) + 1);
        if (live) return aborted(signal);
        // What came after it had begun to read the rest.
        if (after === 'f') history.push(started('j', 2_000), { ...finished, id: 'f-2' });
      },
    });
    const told = await all(followJob('j', { ...parts, after: 'f' }));
    expect(told).toEqual([retried, started('j', 2_000), { ...finished, id: 'f-2' }]);
  });

  it('hears the progress of a job that was retried since it was seen to be complete', async () => {
    const hearing = Promise.withResolvers<HearProgressOptions>();
    const parts = telling([finished, retried], [complete, running], {
      hearProgress: async (options) => hearing.resolve(options),
    });
    const told = followJob('j', { ...parts, after: 'f', progress: true })[Symbol.asyncIterator]();
    expect((await told.next()).value).toEqual(retried);
    const next = told.next();
    (await hearing.promise).heard(progress(0, 10));
    expect((await next).value).toMatchObject({ type: 'upload:progressed', index: 0 });
    await told.return?.();
  });

  it('reads what is left of a complete job once: not as it comes beside it', async () => {
    const parts = telling([started('j'), finished], [complete]);
    const events = followJob('j', { ...parts, after: 'x' })[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual(started('j'));
    const signals = parts.store
      .callsOf('events')
      .map(({ args }) => (args[0] as EventsOptions).signal.aborted);
    expect(signals).toEqual([true, false]);
    await events.return?.();
  });

  it('looks at the job after a gap, and ends when it is forgotten, or complete and what is left was told', async () => {
    expect(await all(followJob('j', telling([gap], [running, undefined])))).toEqual([gap]);
    expect(await all(followJob('j', telling([gap], [running, complete])))).toEqual([gap]);
    const left = telling([gap, started('j'), finished], [running, complete]);
    expect(await all(followJob('j', left))).toEqual([gap, started('j'), finished]);
  });

  it('ends although the event that says so is never heard, whatever else is told and though the store was away', async () => {
    const endless = telling([], [running, new StoreUnavailableError('away'), undefined]);
    expect(await all(followJob('j', { ...endless, pollMs: 5 }))).toEqual([]);
    const lost = telling([started('j')], [running, complete]);
    expect(await all(followJob('j', { ...lost, pollMs: 5 }))).toEqual([started('j')]);
    const silent = telling([], [running, complete]);
    expect(await all(followJob('j', { ...silent, pollMs: 5 }))).toEqual([]);
  });

  it('waits for the event of a job that was seen to be complete before any event of it came', async () => {
    const seen = Promise.withResolvers<void>();
    const states = [running, complete];
    const parts = telling([], [], {
      get: async () => {
        if (states.length === 1) seen.resolve();
        return states.length > 1 ? states.shift() : complete;
      },
      events: async function* () {
        await seen.promise;
        yield finished;
      },
    });
    expect(await all(followJob('j', { ...parts, pollMs: 100 }))).toEqual([finished]);
  });

  it('reads the state once for all who follow the job, also when it is time to look again', async () => {
    const parts = telling([], [running, running, running, undefined]);
    const followers = Array.from({ length: 100 }, () => followJob('j', { ...parts, pollMs: 20 }));
    await Promise.all(followers.map(all));
    expect(parts.store.callsOf('get').length).toBeLessThanOrEqual(8);
  });

  it('reads the state once for all who meet a gap at the same time', async () => {
    const parts = telling([gap], [running]);
    const enough = new AbortController();
    const followers = Array.from({ length: 300 }, () =>
      followJob('j', { ...parts, signal: enough.signal })[Symbol.asyncIterator](),
    );
    const met = await Promise.all(followers.map((each) => each.next()));
    expect(met.every(({ value }) => value?.type === 'gap')).toBe(true);
    const reads = parts.store.callsOf('get').length;
    const going = followers.map((each) => each.next());
    await parts.store.waitFor('get', reads + 1);
    await nextTurn();
    expect(parts.store.callsOf('get').length).toBeLessThanOrEqual(reads + 2);
    expect(reads).toBeLessThanOrEqual(2);
    enough.abort();
    await Promise.all(going);
  });

  it('reads the state after it has subscribed, and not before, whoever else has read it', async () => {
    const parts = telling([started('j')], [running, complete]);
    const first = followJob('j', parts)[Symbol.asyncIterator]();
    await first.next();
    expect(await all(followJob('j', parts))).toEqual([]);
    expect(parts.store.calls.map(({ method }) => method)).toEqual(['events', 'get', 'events', 'get']);
    await first.return?.();
  });

  it('throws what the store throws at the beginning, and leaves no stream behind', async () => {
    const parts = telling([], [new StoreUnavailableError('away')]);
    await expect(all(followJob('j', parts))).rejects.toThrow('away');
    expect(optionsOfStream(parts.store).signal.aborted).toBe(true);
  });

  it('ends with its signal and does not throw for it', async () => {
    const parts = telling([], [running]);
    const enough = new AbortController();
    const read = all(followJob('j', { ...parts, signal: enough.signal }));
    await parts.store.waitFor('get');
    enough.abort(new Error('enough'));
    expect(await read).toEqual([]);
  });
});

function progress(index: number, sentBytes: number, at = 10): UploadProgress {
  return { jobId: 'j', index, url: `u${index}`, attempt: 1, sentBytes, totalBytes: 100, at };
}

function completed(index: number, at = 10): StoreEvent {
  return { id: `c-${index}`, at, type: 'upload:completed', jobId: 'j', index, url: `u${index}`, link: 'l' };
}

/** A running job whose events and progress a test tells. */
function toldByHand(states: readonly State[] = [running]) {
  const hearing = Promise.withResolvers<HearProgressOptions>();
  const untold: StoreEvent[] = [];
  let more = Promise.withResolvers<void>();
  const parts = telling([], states, {
    hearProgress: async (options) => hearing.resolve(options),
    events: async function* ({ signal }) {
      while (!signal.aborted) {
        yield* untold.splice(0);
        await Promise.race([more.promise, aborted(signal)]);
      }
    },
  });
  const tell = (event: StoreEvent): void => {
    untold.push(event);
    more.resolve();
    more = Promise.withResolvers();
  };
  return { ...parts, hearing: hearing.promise, tell };
}

describe('following the progress of a job', () => {
  async function beginning(states?: readonly State[]) {
    const { store, looks, pollMs, hearing, tell } = toldByHand(states);
    const told = followJob('j', { store, looks, pollMs, progress: true })[Symbol.asyncIterator]();
    const next = async () => (await told.next()).value as Told | undefined;
    const first = next();
    const options = await hearing;
    const { heard, ended } = options;
    return { store, options, heard, ended, told, next, first, tell };
  }

  it('tells of each upload the newest, without an id, to one who reads slowly', async () => {
    const { next, first, heard } = await beginning();
    heard(progress(0, 10));
    expect(await first).toEqual({ type: 'upload:progressed', ...progress(0, 10) });
    for (const sentBytes of [20, 30]) heard(progress(0, sentBytes));
    heard(progress(1, 5));
    expect(await next()).toEqual({ type: 'upload:progressed', ...progress(0, 30) });
    expect(await next()).toEqual({ type: 'upload:progressed', ...progress(1, 5) });
  });

  it('tells the events first, and nothing of an upload after its end', async () => {
    const { next, first, heard, tell } = await beginning();
    heard(progress(0, 10));
    heard(progress(1, 10));
    tell(completed(0));
    expect(await first).toEqual(completed(0));
    heard(progress(0, 20));
    expect(await next()).toMatchObject({ type: 'upload:progressed', index: 1 });
    tell(finished);
    expect(await next()).toEqual(finished);
    expect(await next()).toBeUndefined();
  });

  it('tells nothing of an upload that was given back, also when no event says so', async () => {
    const { next, first, heard, ended } = await beginning();
    heard(progress(0, 50));
    expect(await first).toMatchObject({ index: 0, sentBytes: 50 });
    heard(progress(0, 100, 20));
    ended({ jobId: 'j', index: 0, at: 20 });
    heard(progress(1, 5));
    expect(await next()).toMatchObject({ index: 1 });
    heard(progress(0, 10, 30));
    expect(await next()).toMatchObject({ index: 0, sentBytes: 10 });
  });

  it('is asked for once the job was seen running, of that job, for as long as it is followed', async () => {
    const { store, options, told, next, first, tell } = await beginning();
    expect(store.calls.map(({ method }) => method)).toEqual(['events', 'get', 'hearProgress']);
    const { jobId, signal } = options;
    expect([jobId, signal.aborted]).toEqual(['j', false]);
    tell(started('j'));
    await first;
    await told.return?.();
    expect(await next()).toBeUndefined();
    expect(signal.aborted).toBe(true);
    for (const state of [undefined, complete]) {
      const over = toldByHand([state]);
      await all(followJob('j', { ...over, progress: true }));
      expect(over.store.callsOf('hearProgress')).toEqual([]);
    }
  });

  it('is a hint: a store that can not tell of it tells the events all the same', async () => {
    const parts = telling([started('j'), finished], [running]);
    expect(await all(followJob('j', { ...parts, progress: true }))).toEqual([started('j'), finished]);
  });
});
