import {
  InvalidCursorError,
  type PageOptions,
  type Upload,
  type UploadPage,
  type UploadStatus,
} from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import { decodeJob, type JobAnswer } from './decode-job.ts';
import { decodeUpload, type UploadAnswer } from './decode-upload.ts';

/** How many uploads one step looks at, so that none holds up the others. */
const LOOKS = 2_000;
/** How many steps a page takes that asks for one status. */
const MOST_STEPS = 5;

/** What the step `uploads` answers. */
export type UploadsAnswer = readonly [job: JobAnswer, next: number, uploads: readonly UploadAnswer[]];

/** A page of a job's uploads. One that has to look at many to find a few takes several steps, and may end before it is full. */
export async function readUploads(
  connection: Connection,
  jobId: string,
  page: PageOptions & { readonly status?: UploadStatus },
): Promise<UploadPage | undefined> {
  const limit = pageLimit(page);
  const list = `uploads ${jobId}`;
  const mostSteps = page.status === undefined ? Number.POSITIVE_INFINITY : MOST_STEPS;
  const items: Upload[] = [];
  let start = page.cursor === undefined ? 0 : decodeCursor(list, page.cursor);
  for (let steps = 1; ; steps += 1) {
    const args = [jobId, start, limit - items.length, page.status ?? '', LOOKS];
    const answer = (await connection.run('uploads', args)) as UploadsAnswer | null;
    if (answer === null) return undefined;
    const [jobAnswer, next, uploads] = answer;
    const job = decodeJob(jobAnswer);
    if (start > job.total) throw new InvalidCursorError();
    items.push(...uploads.map((upload) => decodeUpload(jobId, upload)));
    if (next < 0) return { items, next: undefined, job };
    if (items.length === limit || steps === mostSteps) return { items, next: encodeCursor(list, next), job };
    start = next;
  }
}
