import { expect, it } from 'vitest';

import { MemoryStore } from '../src/index.ts';
import { Ledger } from '../src/ledger.ts';
import { WakeUps } from '../src/wake-ups.ts';

const BOUNDS = { retentionMs: 1_000, maxLinks: 10, maxImages: 100 };

it('jobs and idempotency keys whose time is over are forgotten by the calls that follow', () => {
  const ledger = new Ledger({ ...BOUNDS, tell: () => {} });
  let now = 0;
  for (let count = 0; count < 5_000; count += 1) {
    now += 10;
    const idempotency = { key: `key ${count}`, fingerprint: 'print', ttlMs: 500 };
    const id = `job ${count}`;
    const job = ledger.create(
      { id, urls: ['https://a.example'], host: 'host', options: {}, idempotency },
      now,
    );
    ledger.cancel(job, now);
  }
  expect(ledger.jobs.size).toBeLessThanOrEqual(101);
  expect(ledger.keys.size).toBeLessThanOrEqual(51);
});

it('one call forgets a bounded number, and those it did not come to are unknown all the same', () => {
  const ledger = new Ledger({ ...BOUNDS, tell: () => {} });
  const ids = Array.from({ length: 1_000 }, (_, count) => `job ${count}`);
  for (const id of ids) {
    const job = ledger.create({ id, urls: ['https://a.example'], host: 'host', options: {} }, 0);
    ledger.cancel(job, 0);
  }
  expect(ledger.job('job 999', 1_000)).toBeUndefined();
  expect(ledger.jobs.size).toBe(900);
  for (let call = 0; call < 9; call += 1) ledger.job('job 999', 1_000);
  expect(ledger.jobs.size).toBe(0);
});

it('images whose time is over are forgotten by the calls that follow, and there are never more than so many', () => {
  const ledger = new Ledger({ ...BOUNDS, tell: () => {} });
  for (let count = 0; count < 1_000; count += 1)
    ledger.images.set(`digest ${count}`, `https://links.example/${count}`, 1_000 + count);
  expect(ledger.images.size).toBe(100);
  expect(ledger.images.link('digest 899', 0)).toBeUndefined();
  expect(ledger.images.link('digest 900', 0)).toBe('https://links.example/900');
  ledger.job('any', 1_949);
  expect(ledger.images.size).toBe(50);
  ledger.images.set('digest 999', 'https://links.example/again', 5_000);
  ledger.job('any', 4_999);
  expect(ledger.images.size).toBe(1);
});

it('a wait leaves neither a timer nor a listener behind', async () => {
  const wakeUps = new WakeUps();
  const { signal } = new AbortController();
  const timers = countTimers();
  const wait = { host: 'host', timeoutMs: 60_000, signal, look: () => undefined };
  const waiting = [wakeUps.wait(wait), wakeUps.wait({ ...wait, look: () => 30_000 })];
  expect(countTimers()).toBe(timers + 2);
  wakeUps.changed('host');
  expect(countTimers()).toBe(timers + 2);
  wakeUps.wakeAll();
  await Promise.all(waiting);
  expect(countTimers()).toBe(timers);
});

it('a store that is not waited for has no timer', async () => {
  const timers = countTimers();
  const store = new MemoryStore();
  await store.create({ id: 'job', urls: ['https://a.example'], host: 'host', options: {} });
  await store.queue.claim({ host: 'host', limit: 1, leaseMs: 1_000, workerId: 'worker' });
  expect(countTimers()).toBe(timers);
});

function countTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
