import { setImmediate as nextTurn } from 'node:timers/promises';

import type { JobSummary, Upload, UploadPage } from '@imgferry/core';
import { itemsPerTurn, slices, writeArray } from './json-stream.ts';
import type { ServedUploader } from './served-uploader.ts';

/** So many are asked for at once: a store knows best in how many steps it reads them. */
const uploadsAPage = 10_000;

/** A job as the endpoints show it. These are all its keys, and they never change. */
export interface JobView {
  readonly id: string;
  readonly created: string;
  /** Null until `status` is `complete`. */
  readonly finished: string | null;
  readonly status: JobSummary['status'];
  /** Each in the order of the request. */
  readonly uploaded: Sorted;
}

/** All that a view is made of. */
type ReadsUploads = Pick<ServedUploader, 'uploads'>;

interface Sorted {
  /** URLs as they were sent. */
  readonly pending: string[];
  /** The host's links. */
  readonly complete: string[];
  /** URLs as they were sent. */
  readonly failed: string[];
}

/**
 * Reads the view of a job; `undefined` when it is unknown.
 *
 * A job of up to 1,000 uploads is read in one step of the store. A longer one may move while it is read: then the view
 * shows what was pending when it was come by as pending, and tells of a job that is in progress.
 */
export async function readJobView(uploader: ReadsUploads, jobId: string): Promise<JobView | undefined> {
  return (await readJobWithView(uploader, jobId))?.view;
}

/** A job and its view. */
export interface JobWithView {
  /** As it was when the last of the view was read. */
  readonly job: JobSummary;
  readonly view: JobView;
}

/** What was made of a page that is a whole job, for a store that answers the same page while nothing changes. */
const viewsOfPages = new WeakMap<UploadPage, JobWithView>();
const textsOfViews = new WeakMap<JobView, string>();

/** The same, with the job itself. */
export async function readJobWithView(
  uploader: ReadsUploads,
  jobId: string,
): Promise<JobWithView | undefined> {
  for (;;) {
    const first = await uploader.uploads(jobId, { limit: uploadsAPage });
    if (first === undefined) return undefined;
    const known = viewsOfPages.get(first);
    if (known !== undefined) return known;
    const uploaded: Sorted = { pending: [], complete: [], failed: [] };
    const job = await sortUploads(uploader, first, uploaded);
    if (job === undefined) return undefined;
    const status = statusOf(job, uploaded);
    // A job that was finished and retried between two pages: neither run was seen whole, so it is read again.
    if (status === 'complete' && job.finishedAt === null) continue;
    const finished = status === 'complete' && job.finishedAt !== null ? isoTime(job.finishedAt) : null;
    const view = { id: job.id, created: isoTime(job.createdAt), finished, status, uploaded };
    const read = { job, view };
    // A page that somebody may still change tells nothing of what is to come.
    const isFinal = Object.isFrozen(first) && Object.isFrozen(first.items);
    if (isFinal && first.items.length === job.total && job.total <= itemsPerTurn)
      viewsOfPages.set(first, read);
    return read;
  }
}

/** Writes a view as JSON: in one piece, or in parts when it is long. */
export function writeJobView(view: JobView): string | AsyncIterable<string> {
  const { pending, complete, failed } = view.uploaded;
  if (pending.length + complete.length + failed.length > itemsPerTurn) return writeLongView(view);
  const text = textsOfViews.get(view) ?? JSON.stringify(view);
  textsOfViews.set(view, text);
  return text;
}

async function* writeLongView({ uploaded, ...facts }: JobView): AsyncGenerator<string, void, undefined> {
  const opening = `${JSON.stringify(facts).slice(0, -1)},"uploaded":{"pending":`;
  yield* writeArray(slices(uploaded.pending), opening);
  yield* writeArray(slices(uploaded.complete), ',"complete":');
  yield* writeArray(slices(uploaded.failed), ',"failed":', '}}');
}

/** Answers the job as it was with the last page. */
async function sortUploads(
  uploader: ReadsUploads,
  first: UploadPage,
  into: Sorted,
): Promise<JobSummary | undefined> {
  for (let page = first; ; ) {
    for (const upload of page.items) sortInto(into, upload);
    if (page.next === undefined) return page.job;
    await nextTurn();
    const next = await uploader.uploads(page.job.id, { limit: uploadsAPage, cursor: page.next });
    if (next === undefined) return undefined;
    page = next;
  }
}

function sortInto({ pending, complete, failed }: Sorted, { status, link, url }: Upload): void {
  if (status === 'complete' && link !== null) complete.push(link);
  else if (status === 'failed') failed.push(url);
  else pending.push(url);
}

function statusOf(job: JobSummary, { pending, complete, failed }: Sorted): JobView['status'] {
  if (pending.length === 0) return 'complete';
  return job.status === 'pending' && complete.length + failed.length === 0 ? 'pending' : 'in-progress';
}

/** A time of the store as `YYYY-MM-DDTHH:mm:ss.sssZ`. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
