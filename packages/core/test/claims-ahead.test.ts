import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Lease } from '../src/lease.ts';
import { silentLogger } from '../src/logger.ts';
import { resolveOptions } from '../src/options.ts';
import type { ClaimOptions, Release } from '../src/queue.ts';
import {
  aLease,
  createFakeHost,
  createFakeSource,
  ScriptedStore,
  sampleImage,
} from '../src/testing/index.ts';
import { Worker } from '../src/worker.ts';

const slots = 8;
const url = 'https://pictures.example/a.png';

afterEach(() => void vi.useRealTimers());

/** A worker on a store that never runs out of uploads, and notes what it is asked for. */
function busyWorker() {
  let token = 0;
  const lend = (): Lease => {
    token += 1;
    return aLease({ url, index: token, token });
  };
  const store = new ScriptedStore({
    settle: (requests) =>
      Promise.resolve(requests.map(() => ({ status: 'settled', jobFinished: false }) as const)),
    queue: {
      claim: ({ limit }) =>
        Promise.resolve({ leases: Array.from({ length: limit }, lend), nextInMs: undefined, ended: [] }),
      extend: () => Promise.resolve([]),
      release: () => Promise.resolve(),
      wait: () => Promise.resolve(),
    },
    fleet: { beat: () => Promise.resolve([]), leave: () => Promise.resolve() },
  });
  const source = createFakeSource({ [url]: sampleImage('image/png') });
  const host = createFakeHost();
  const told: { name: string; event: object }[] = [];
  const options = { source, host, store, logger: silentLogger, concurrency: slots, drainTimeoutMs: 60_000 };
  const worker = new Worker(resolveOptions(options), (name, event) => void told.push({ name, event }));
  const claims = (): ClaimOptions[] =>
    store.callsOf('queue.claim').map(({ args }) => args[0] as ClaimOptions);
  const releases = (): Release[] =>
    store.callsOf('queue.release').flatMap(({ args }) => args[0] as Release[]);
  return { worker, store, host, told, claims, releases };
}

/** Runs until uploads end so fast that leases are claimed ahead, then holds what is posted next. */
async function untilAhead({ worker, host, claims }: ReturnType<typeof busyWorker>) {
  worker.start();
  await vi.waitFor(() => expect(claims().some(({ shortestTurn = 1 }) => shortestTurn > 1)).toBe(true));
  const hold = host.hold();
  await hold.waitFor(slots);
  return hold;
}

describe('a worker whose uploads end fast', () => {
  it('claims ahead for its slots, many of a job in a row, and runs no more than it has slots', async () => {
    const busy = busyWorker();
    const hold = await untilAhead(busy);
    const { host, claims, worker } = busy;
    expect(host.inFlight).toBe(slots);
    expect(Math.max(...claims().map(({ shortestTurn = 1 }) => shortestTurn))).toBeLessThanOrEqual(16);
    expect(claims().every(({ limit }) => limit <= 3 * slots)).toBe(true);
    hold.release();
    await worker.stop();
  });

  it('tells many outcomes in one call, each once', async () => {
    const busy = busyWorker();
    const hold = await untilAhead(busy);
    hold.release();
    await busy.worker.stop();
    const settles = busy.store.callsOf('settle').map(({ args }) => args[0] as unknown[]);
    expect(Math.max(...settles.map(({ length }) => length))).toBeGreaterThan(1);
    expect(settles.flat()).toHaveLength(busy.host.uploads.length);
  });

  it('hands back at once what waits for a slot when it stops, and attempts none of it', async () => {
    const busy = busyWorker();
    const hold = await untilAhead(busy);
    const begun = busy.told.filter(({ name }) => name === 'upload:started').length;
    const stopped = busy.worker.stop();
    const held = busy.claims().reduce((sum, { limit }) => sum + limit, 0);
    while (busy.releases().length < held - begun) await nextTurn();
    expect(busy.host.inFlight).toBe(slots);
    expect(busy.releases().every(({ countAttempt, delayMs }) => !countAttempt && delayMs === 0)).toBe(true);
    hold.release();
    await stopped;
    expect(busy.told.filter(({ name }) => name === 'upload:started')).toHaveLength(begun);
  });

  it('hands back what waits for a slot when uploads become slow, so that others can have it', async () => {
    const busy = busyWorker();
    const hold = await untilAhead(busy);
    const held = busy.claims().reduce((sum, { limit }) => sum + limit, 0);
    const begun = busy.told.filter(({ name }) => name === 'upload:started').length;
    expect(held - begun).toBeGreaterThan(0);
    await vi.waitFor(() => expect(busy.releases()).toHaveLength(held - begun), { timeout: 5_000 });
    hold.release();
    await busy.worker.stop();
  });
});
