import { expect, it } from 'vitest';

import { NewestProgress } from '../src/newest-progress.ts';
import type { StoreEvent } from '../src/store-event.ts';
import type { UploadProgress } from '../src/upload-progress.ts';

function progress(index: number, at: number): UploadProgress {
  return { jobId: 'j', index, url: `u${index}`, attempt: 1, sentBytes: at, totalBytes: 1_000, at };
}

function completed(index: number, at: number): StoreEvent {
  return { id: `c-${index}`, at, type: 'upload:completed', jobId: 'j', index, url: `u${index}`, link: 'l' };
}

function untold(newest: NewestProgress): readonly UploadProgress[] {
  return Array.from({ length: newest.size }, () => newest.take() ?? expect.fail());
}

it('keeps the newest of each upload, and hands out first what has waited longest', () => {
  const newest = new NewestProgress();
  for (const [index, at] of [
    [1, 1],
    [2, 2],
    [1, 3],
  ] as const)
    newest.hear(progress(index, at));
  expect(untold(newest)).toEqual([progress(1, 3), progress(2, 2)]);
  expect(newest.take()).toBeUndefined();
});

it('drops what was told before an attempt ended, whenever it is heard, and takes what a later attempt tells', () => {
  const newest = new NewestProgress();
  newest.hear(progress(1, 5));
  newest.hear(progress(2, 5));
  newest.end(completed(1, 6));
  newest.hear(progress(1, 6));
  expect(untold(newest)).toEqual([progress(2, 5)]);
  newest.hear(progress(1, 7));
  expect(untold(newest)).toEqual([progress(1, 7)]);
});

it('keeps what a later attempt tells when the end of an earlier one is heard late', () => {
  const newest = new NewestProgress();
  newest.endAttempt(1, 6);
  newest.hear(progress(1, 8));
  newest.end(completed(1, 5));
  newest.hear(progress(2, 8));
  expect(untold(newest)).toEqual([progress(1, 8), progress(2, 8)]);
  newest.hear(progress(1, 6));
  expect(newest.size).toBe(0);
});

it('drops all that was told before a gap', () => {
  const newest = new NewestProgress();
  newest.hear(progress(1, 5));
  newest.end({ id: 'g', at: 6, type: 'gap' });
  newest.hear(progress(1, 6));
  expect(newest.size).toBe(0);
  newest.hear(progress(1, 7));
  expect(newest.size).toBe(1);
});

it('remembers few ends, and drops what it can not know to be of a running attempt', () => {
  const newest = new NewestProgress();
  for (let index = 0; index < 1_000; index += 1) newest.end(completed(index, 1_000 + index));
  newest.hear(progress(0, 1_000));
  newest.hear(progress(5_000, 1_500));
  expect(newest.size).toBe(0);
  newest.hear(progress(5_000, 2_000));
  expect(newest.size).toBe(1);
});

it('keeps what is told of a thousand uploads, the newest', () => {
  const newest = new NewestProgress();
  for (let index = 0; index < 1_200; index += 1) newest.hear(progress(index, 1));
  expect(untold(newest).map(({ index }) => index)).toEqual(
    Array.from({ length: 1_000 }, (_, at) => at + 200),
  );
});

it('minds no event that ends no attempt', () => {
  const newest = new NewestProgress();
  newest.hear(progress(1, 5));
  newest.end({ id: 's', at: 6, type: 'job:started', jobId: 'j' });
  expect(newest.size).toBe(1);
});
