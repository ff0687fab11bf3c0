import { describe, expect, it, vi } from 'vitest';

import type { StoreEvent, UploadProgressed } from '@imgferry/core';
import { JobHints } from '../src/live/job-hints.ts';
import type { MonitoredUploader } from '../src/monitored-uploader.ts';

interface Following {
  readonly jobId: string;
  readonly signal: AbortSignal;
  readonly tell: (event: object) => void;
  readonly end: (error?: Error) => void;
}

/** Hints of an uploader whose jobs tell what a test says, and how they are followed. */
function following() {
  const follows: Following[] = [];
  const follow = (jobId: string, { signal }: { signal: AbortSignal }): AsyncIterable<never> => {
    const { readable, writable } = new TransformStream<object, never>();
    const writer = writable.getWriter();
    const quietly = (done: Promise<unknown>): void => void done.catch(() => {});
    signal.addEventListener('abort', () => quietly(writer.close()));
    follows.push({
      jobId,
      signal,
      tell: (event) => quietly(writer.write(event)),
      end: (error) => quietly(error === undefined ? writer.close() : writer.abort(error)),
    });
    return readable;
  };
  const hints = new JobHints({ follow } as unknown as MonitoredUploader, 1);
  return { hints, follows };
}

const listener = () => ({
  happened: vi.fn<() => void>(),
  progressed: vi.fn<(progress: UploadProgressed) => void>(),
});
const completed: Pick<StoreEvent, 'type'> = { type: 'upload:completed' };

describe('a job that is watched', () => {
  it('is followed once for all, until the last of them leaves', () => {
    const { hints, follows } = following();
    const leaves = [listener(), listener()].map((each) => hints.hear('a-job', each));
    hints.hear('another', listener());
    expect(follows.map(({ jobId }) => jobId)).toEqual(['a-job', 'another']);
    leaves[0]?.();
    expect([hints.size, follows[0]?.signal.aborted]).toEqual([2, false]);
    leaves[1]?.();
    leaves[1]?.();
    expect([hints.size, follows[0]?.signal.aborted, follows[1]?.signal.aborted]).toEqual([1, true, false]);
  });

  it('tells everyone that something happened, and how far its uploads are', async () => {
    const { hints, follows } = following();
    const [one, another] = [listener(), listener()];
    for (const each of [one, another]) hints.hear('a-job', each);
    follows[0]?.tell(completed);
    follows[0]?.tell({ type: 'upload:progressed', index: 7 });
    await expect.poll(() => another.progressed.mock.calls).toMatchObject([[{ index: 7 }]]);
    expect([one.happened, one.progressed, another.happened].map(({ mock }) => mock.calls.length)).toEqual([
      1, 1, 1,
    ]);
  });

  it.each([
    ['it was over', undefined],
    ['that failed', new Error('away')],
  ])('is followed again some time after %s, as it may be retried', async (_what, error) => {
    const { hints, follows } = following();
    const leave = hints.hear('a-job', listener());
    follows[0]?.end(error);
    await expect.poll(() => follows.length).toBe(2);
    expect([hints.size, follows[1]?.signal.aborted]).toEqual([1, false]);
    leave();
    expect([hints.size, follows[1]?.signal.aborted]).toEqual([0, true]);
  });
});
