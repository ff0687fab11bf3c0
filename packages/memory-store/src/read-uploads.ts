import type { Page, PageOptions, Upload, UploadStatus } from '@imgferry/core';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { JobRecord } from './job-record.ts';
import { pageLimit } from './page-of.ts';

/** So many uploads one page passes over: some milliseconds, in which the process does nothing else. */
const MOST_LOOKS = 10_000;

/** Whether a page has all of a job. */
export function isWhole(job: JobRecord, page: PageOptions & { readonly status?: UploadStatus }): boolean {
  return page.cursor === undefined && page.status === undefined && pageLimit(page) >= job.urls.length;
}

/** A page of a job's uploads, in the order of the request. */
export function readUploads(
  job: JobRecord,
  page: PageOptions & { readonly status?: UploadStatus },
  paused: boolean,
): Page<Upload> {
  const list = `uploads ${job.id}`;
  const limit = pageLimit(page);
  const total = job.urls.length;
  const start = page.cursor === undefined ? 0 : decodeCursor(list, page.cursor, total);
  const items: Upload[] = [];
  let looks = 0;
  for (let index = start; index < total; index += 1) {
    const upload = job.upload(index, paused);
    const fits = upload !== undefined && (page.status ?? upload.status) === upload.status;
    if (fits ? items.length === limit : looks === MOST_LOOKS)
      return { items, next: encodeCursor(list, index) };
    if (fits) items.push(upload);
    else looks += 1;
  }
  return { items, next: undefined };
}
