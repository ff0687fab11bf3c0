import { describe, expect, it } from 'vitest';

import { StoreUnavailableError } from '../src/errors.ts';
import { followFleet, followJob } from '../src/follow.ts';
import type { JobSummary } from '../src/job.ts';
import type { StoreEvent } from '../src/store-event.ts';
import { aJobSummary, ScriptedStore } from '../src/testing/index.ts';

const running = aJobSummary({ id: 'j', status: 'in-progress' });
const complete = aJobSummary({ id: 'j', status: 'complete', finishedAt: 1_000 });

const gap: StoreEvent = { id: 'g', at: 0, type: 'gap' };
const finished: StoreEvent = { id: 'f', at: 1_000, type: 'job:finished', jobId: 'j', job: complete };

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

/** A store that tells these events and then waits, and answers these states, the last one for ever. */
function telling(events: readonly StoreEvent[], states: readonly State[] = []) {
  const left = [...states];
  const store = new ScriptedStore({
    get: async () => {
      const state = left.length > 1 ? left.shift() : left[0];
      if (state instanceof Error) throw state;
      return state;
    },
    events: async function* ({ signal }) {
      yield* events;
      await aborted(signal);
    },
  });
  return { store, pollMs: 60_000 };
}

async function all(events: AsyncIterable<StoreEvent>): Promise<StoreEvent[]> {
  const read: StoreEvent[] = [];
  for await (const event of events) read.push(event);
  return read;
}

function optionsOfStream(store: ScriptedStore): { readonly after?: string; readonly signal: AbortSignal } {
  return store.callsOf('events')[0]?.args[0] as { signal: AbortSignal };
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
  it('tells its events and no others, until and with the one that it has finished', async () => {
    const events = [started('other'), started('j'), gap, started('other'), finished, started('j', 2_000)];
    const parts = telling(events, [running]);
    expect(await all(followJob('j', parts))).toEqual([started('j'), gap, finished]);
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

  it('tells the history of a complete job up to its end', async () => {
    const parts = telling([started('j'), finished], [complete]);
    expect(await all(followJob('j', { ...parts, after: 'x' }))).toEqual([started('j'), finished]);
  });

  it('ends when nothing is left of the history of a complete job, quiet or not', async () => {
    const quiet = telling([started('other')], [complete]);
    expect(await all(followJob('j', { ...quiet, after: 'f' }))).toEqual([]);
    const busy = telling([started('other', 1_500), started('other', 2_001)], [complete]);
    const before = performance.now();
    expect(await all(followJob('j', { ...busy, after: 'f' }))).toEqual([]);
    expect(performance.now() - before).toBeLessThan(900);
  });

  it('tells what is left of the history of a complete job after a gap', async () => {
    const parts = telling([{ ...gap, at: 9_000 }, started('j'), finished], [complete]);
    expect(await all(followJob('j', { ...parts, after: 'x' }))).toEqual([
      { ...gap, at: 9_000 },
      started('j'),
      finished,
    ]);
  });

  it('looks at the job after a gap, and ends when it is complete or forgotten', async () => {
    expect(await all(followJob('j', telling([gap], [running, complete])))).toEqual([gap]);
    expect(await all(followJob('j', telling([gap], [running, undefined])))).toEqual([gap]);
  });

  it('ends although the event that says so is never heard, whatever else is told and though the store was away', async () => {
    const endless = telling([], [running, new StoreUnavailableError('away'), undefined]);
    expect(await all(followJob('j', { ...endless, pollMs: 5 }))).toEqual([]);
    const states = [running, running];
    const store = new ScriptedStore({
      get: () => Promise.resolve(states.shift()),
      events: async function* ({ signal }) {
        while (!signal.aborted) {
          yield started('other');
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    });
    expect(await all(followJob('j', { store, pollMs: 5 }))).toEqual([]);
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
