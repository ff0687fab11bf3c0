import {
  InvalidCursorError,
  type PageOptions,
  type Upload,
  type UploadPage,
  type UploadStatus,
} from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import { decodeFacts, decodeUploads, type UploadsAnswer, type UploadsFacts } from './decode-uploads.ts';
import type { KnownUrls, UrlPart } from './known-urls.ts';

/** How many uploads one step answers, so that none holds up the others. */
const UPLOADS_A_STEP = 1_000;
/** How many a page looks at that asks for one status. */
const MOST_LOOKS = 10_000;
/** How many steps are under way at once: while one is decoded here, Redis is at the next. */
const STEPS_AT_ONCE = 2;

/** What uploads are read with. */
export interface UploadsReader {
  readonly connection: Connection;
  readonly knownUrls: KnownUrls;
}

/** A page of a job's uploads. One that looks at many to find a few may end before it is full. */
export async function readUploads(
  reader: UploadsReader,
  jobId: string,
  page: PageOptions & { readonly status?: UploadStatus },
): Promise<UploadPage | undefined> {
  const limit = pageLimit(page);
  const list = `uploads ${jobId}`;
  const start = page.cursor === undefined ? 0 : decodeCursor(list, page.cursor);
  const range =
    page.status === undefined
      ? { start, looks: limit, atOnce: STEPS_AT_ONCE }
      : { start, looks: MOST_LOOKS, atOnce: 1 };
  const items: Upload[] = [];
  for await (const part of partsOf(reader, jobId, range)) {
    if (part === undefined) return undefined;
    const { job, uploads, isLast } = part;
    if (start > job.total) throw new InvalidCursorError();
    for (const upload of uploads) {
      if (page.status !== undefined && upload.status !== page.status) continue;
      if (items.length === limit) return { items, next: encodeCursor(list, upload.index), job };
      items.push(upload);
    }
    if (!isLast) continue;
    const end = start + range.looks;
    return { items, next: end < job.total ? encodeCursor(list, end) : undefined, job };
  }
  return undefined;
}

interface Range {
  readonly start: number;
  readonly looks: number;
  readonly atOnce: number;
}

/** What one step has answered. */
interface Part extends Pick<UploadsFacts, 'job'> {
  readonly uploads: readonly Upload[];
  readonly isLast: boolean;
}

/** A step that is under way. */
interface Step {
  readonly name: string;
  readonly answer: Promise<UploadsAnswer | null>;
  readonly known: UrlPart | undefined;
}

/** Reads a range step by step, as far as the job goes; `undefined` once there is no such job. */
async function* partsOf(
  { connection, knownUrls }: UploadsReader,
  jobId: string,
  { start, looks, atOnce }: Range,
): AsyncGenerator<Part | undefined, void, undefined> {
  const steps: Step[] = [];
  let end = start + looks;
  let asked = start;
  const ask = (): void => {
    const count = Math.min(UPLOADS_A_STEP, end - asked);
    const name = `${jobId} ${asked} ${count}`;
    const known = knownUrls.find(name);
    const args = [jobId, asked, count, known?.position ?? ''];
    const answer = connection.runAlone('uploads', args, 'bytes') as Step['answer'];
    // What becomes of one that nobody comes to any more is not to be told.
    answer.catch(() => {});
    steps.push({ name, answer, known });
    asked += UPLOADS_A_STEP;
  };
  ask();
  for (let first = start; ; first += UPLOADS_A_STEP) {
    const step = steps.shift();
    const answer = await step?.answer;
    if (step === undefined || answer === undefined || answer === null) return yield undefined;
    const facts = decodeFacts(answer);
    end = Math.min(end, facts.job.total);
    while (asked < end && steps.length < atOnce) ask();
    const urls = urlsOf(step, facts, knownUrls);
    const isLast = steps.length === 0 && asked >= end;
    yield { job: facts.job, uploads: decodeUploads(facts, answer, { urls, first }), isLast };
    if (isLast) return;
  }
}

function urlsOf(
  { name, known }: Step,
  { position, urls }: UploadsFacts,
  knownUrls: KnownUrls,
): readonly string[] {
  if (urls === undefined) return known?.position === position ? known.urls : [];
  knownUrls.keep(name, { position, urls });
  return urls;
}
