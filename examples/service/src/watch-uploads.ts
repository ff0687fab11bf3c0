import type { Uploader } from '@imgferry/core';
import type { Env } from './env.ts';
import type { Errand } from './errands.ts';
import { type Output, type ProgressDisplay, showProgress } from './show-progress.ts';

/** Where and how the uploads are shown. */
export interface WatchOptions {
  readonly output: Output;
  readonly env: Env;
}

/** Shows the events of the uploader while the work runs. The uploads of the demo's one job have the errands' places. */
export async function watched<Result>(
  uploader: Uploader,
  errands: readonly Errand[],
  { output, env }: WatchOptions,
  work: (display: ProgressDisplay) => Promise<Result>,
): Promise<Result> {
  const display = showProgress(
    errands.map(({ name }) => name),
    output,
    env,
  );
  const stops = follow(uploader, display);
  try {
    return await work(display);
  } finally {
    for (const stop of stops) stop();
    display.end();
  }
}

/** A job can be finished in the store a moment before its last events are told. */
export async function showOutcomes(
  uploader: Uploader,
  jobId: string,
  display: ProgressDisplay,
): Promise<void> {
  const page = await uploader.uploads(jobId);
  for (const { index, link, bytes, failure } of page?.items ?? []) {
    if (link !== null) display.update(index, { status: 'complete', bytes: bytes ?? 0, link });
    else if (failure !== null) display.update(index, { status: 'failed', code: failure.code });
  }
}

function follow(uploader: Uploader, display: ProgressDisplay): (() => void)[] {
  return [
    uploader.on('upload:started', ({ index }) => display.update(index, { status: 'fetching' })),
    uploader.on('upload:progressed', ({ index, sentBytes, totalBytes }) =>
      display.update(index, { status: 'sending', sentBytes, totalBytes }),
    ),
    uploader.on('upload:completed', ({ index, bytes, link }) =>
      display.update(index, { status: 'complete', bytes, link }),
    ),
    uploader.on('upload:failed', ({ index, failure }) =>
      display.update(index, { status: 'failed', code: failure.code }),
    ),
  ];
}
