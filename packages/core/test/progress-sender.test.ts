import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { StoreUnavailableError } from '../src/errors.ts';
import { ProgressSender } from '../src/progress-sender.ts';
import { aLease } from '../src/testing/index.ts';
import type { LeaseProgress } from '../src/upload-progress.ts';

let sent: (readonly LeaseProgress[])[];
let answer: () => Promise<void>;
let sender: ProgressSender;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  answer = async () => {};
  sender = new ProgressSender({
    tellProgress: (progress) => {
      sent.push(progress);
      return answer();
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
});

function at(token: number, sentBytes: number): LeaseProgress {
  return { lease: aLease({ token }), sentBytes, totalBytes: 100 };
}

it('sends at most every 250 ms, in one call, the newest of those that have moved', async () => {
  sender.moved(at(1, 10));
  sender.moved(at(2, 10));
  sender.moved(at(1, 20));
  await vi.advanceTimersByTimeAsync(249);
  expect(sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(sent).toEqual([[at(1, 20), at(2, 10)]]);
  sender.moved(at(1, 30));
  await vi.advanceTimersByTimeAsync(249);
  expect(sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(sent[1]).toEqual([at(1, 30)]);
});

it('has no timer while nothing moves', async () => {
  expect(vi.getTimerCount()).toBe(0);
  sender.moved(at(1, 10));
  await vi.advanceTimersByTimeAsync(250);
  expect(vi.getTimerCount()).toBe(0);
  sender.moved(at(1, 20));
  sender.ended(at(1, 20).lease);
  expect(vi.getTimerCount()).toBe(0);
  expect(sent).toHaveLength(1);
});

it('never sends an upload that takes less than that, whenever it began', async () => {
  sender.moved(at(1, 10));
  await vi.advanceTimersByTimeAsync(200);
  sender.moved(at(2, 10));
  await vi.advanceTimersByTimeAsync(100);
  sender.ended(at(2, 10).lease);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toEqual([[at(1, 10)]]);
});

it('sends what began between two calls with a later one', async () => {
  sender.moved(at(1, 10));
  await vi.advanceTimersByTimeAsync(200);
  sender.moved(at(2, 10));
  await vi.advanceTimersByTimeAsync(300);
  expect(sent).toEqual([[at(1, 10)], [at(2, 10)]]);
});

it('has one call under way at a time, and minds no store that is away', async () => {
  const away = Promise.withResolvers<void>();
  answer = () => away.promise;
  sender.moved(at(1, 10));
  await vi.advanceTimersByTimeAsync(250);
  sender.moved(at(1, 20));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toHaveLength(1);
  away.reject(new StoreUnavailableError('away'));
  await vi.advanceTimersByTimeAsync(250);
  expect(sent).toEqual([[at(1, 10)], [at(1, 20)]]);
});

it('minds no store that has no such method', async () => {
  const old = new ProgressSender({} as never);
  old.moved(at(1, 10));
  await vi.advanceTimersByTimeAsync(250);
  old.moved(at(1, 20));
  expect(vi.getTimerCount()).toBe(1);
  old.stop();
});

it('sends nothing once it was stopped', async () => {
  sender.moved(at(1, 10));
  sender.stop();
  sender.moved(at(1, 20));
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toEqual([]);
});
