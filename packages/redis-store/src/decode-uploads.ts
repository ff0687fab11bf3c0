import type { FailureCode, JobSummary, Upload, UploadStatus } from '@imgferry/core';
import { decodeJob, type JobAnswer } from './decode-job.ts';
import { type PackedValue, PackedValues } from './packed-values.ts';

/** What the step `uploads` answers. */
export type UploadsAnswer = readonly [facts: Buffer, records: Buffer];

/** What it says beside the records. */
export interface UploadsFacts {
  /** As it was in that moment. */
  readonly job: JobSummary;
  /** No two jobs have the same. */
  readonly position: string;
  /** Nothing where there is none, and where they are known. */
  readonly urls?: readonly string[];
  /** What links begin with that have only their ends in a list. */
  readonly linkBase: string;
  /** Types that records name by their number, from 1. */
  readonly types: readonly string[];
}

const recordsAHash = 100;
const nameOfRecord = /^\d{1,2}$/;
/** How many fields every record has. */
const fieldsOfAll = 18;
const statuses: readonly UploadStatus[] = ['waiting', 'claimed', 'complete', 'failed'];

/** What the step `uploads` has answered, but for the records. */
export function decodeFacts([text]: UploadsAnswer): UploadsFacts {
  const { job, ...facts } = JSON.parse(text.toString()) as Omit<UploadsFacts, 'job'> & { job: JobAnswer };
  return { ...facts, job: decodeJob(job) };
}

/** The uploads that it has answered, by their URLs, and the first of which has this index. */
export function decodeUploads(
  facts: UploadsFacts,
  [, packed]: UploadsAnswer,
  { urls, first }: { readonly urls: readonly string[]; readonly first: number },
): Upload[] {
  const values = new PackedValues(packed);
  const hashes = values.enterList() - 1;
  const untouchedAt = values.passText();
  const recordAt = new Int32Array(hashes * recordsAHash).fill(untouchedAt);
  for (let hash = 0; hash < hashes; hash += 1)
    for (let left = values.enterList(); left > 0; left -= 2) {
      const field = String(values.next());
      const at = values.passText();
      // Any other somebody else has put there.
      if (nameOfRecord.test(field)) recordAt[hash * recordsAHash + Number(field)] = at;
    }
  const untouched = untouchedOf(facts.job);
  return urls.map((url, at) => {
    values.goTo(recordAt[(first % recordsAHash) + at] ?? untouchedAt);
    return readUpload(values, { facts, untouched, index: first + at, url });
  });
}

interface Place {
  readonly facts: UploadsFacts;
  /** What is told of one that nobody has touched. */
  readonly untouched: Upload;
  readonly index: number;
  readonly url: string;
}

/**
 * Reads a record, whose fields are in the order of `pack_record`. Lua has false where there is nothing, and leaves out the last ones.
 *
 * It answers a copy with values of its own. When V8 finds most objects of one literal alive, as those of a long page are while it is
 * read, it makes all that follow in the old space, where they stay until the next full collection. Of a copy it does not. A job of
 * 10,000 URLs takes 4.5 ms of CPU so, where it took 5.5.
 */
function readUpload(values: PackedValues, { facts, untouched, index, url }: Place): Upload {
  const { job, linkBase, types } = facts;
  if (values.passNull()) return { ...untouched, index, url };
  const fields = values.enterList();
  const status = statuses[values.next() as number] ?? 'waiting';
  values.pass(1);
  const attempts = values.next() as number;
  values.pass(5);
  const failure = values.next() as false | readonly [FailureCode, string];
  const link = values.next() as false | string | readonly [end: string];
  const bytes = numberOrNull(values.next());
  const type = values.next();
  const width = numberOrNull(values.next());
  const height = numberOrNull(values.next());
  const possiblyDuplicated = values.next() === true;
  const startedAfterMs = numberOrNull(values.next());
  const finishedAfterMs = numberOrNull(values.next());
  values.pass(1);
  const startedAt = startedAfterMs === null ? null : job.createdAt + startedAfterMs;
  return {
    ...untouched,
    index,
    url,
    status,
    link: typeof link === 'object' ? linkBase + link[0] : link === false ? null : link,
    failure: failure === false ? null : { code: failure[0], message: failure[1] },
    attempts,
    bytes,
    type: typeof type === 'number' ? (types[type - 1] ?? null) : typeof type === 'string' ? type : null,
    width,
    height,
    possiblyDuplicated,
    reused: fields > fieldsOfAll && values.next() === true,
    paused: job.paused && status === 'waiting',
    startedAt,
    finishedAt: finishedAfterMs === null ? null : Math.max(startedAt ?? 0, job.createdAt) + finishedAfterMs,
  };
}

function numberOrNull(value: PackedValue): number | null {
  return typeof value === 'number' ? value : null;
}

function untouchedOf(job: JobSummary): Upload {
  return {
    jobId: job.id,
    index: 0,
    url: '',
    status: 'waiting',
    link: null,
    failure: null,
    attempts: 0,
    bytes: null,
    type: null,
    width: null,
    height: null,
    possiblyDuplicated: false,
    reused: false,
    paused: job.paused,
    startedAt: null,
    finishedAt: null,
  };
}
