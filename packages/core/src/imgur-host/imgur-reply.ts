import type { BudgetReading } from '../budget.ts';
import type { HostUpload } from '../host.ts';
import { TransferError } from '../transfer-error.ts';
import { deleteHashOf, type Fields, type ImgurAnswer, readAnswer } from './imgur-answer.ts';
import { faultOf } from './imgur-fault.ts';
import { imgurLink, isPlainLink } from './imgur-link.ts';
import { type ImgurRefusal, refusalIn } from './imgur-refusal.ts';
import { readRateHeaders } from './rate-headers.ts';
import type { Reply, ReplyContext } from './reply.ts';

/** What a reply means. */
export type ReplyMeaning = { readonly status: 'stored'; readonly upload: HostUpload } | ImgurRefusal;

/** Reads the reply to an image: a link, or an error that says what is to be done. */
export function readImgurReply(reply: Reply, context: ReplyContext): ReplyMeaning {
  const answer = readAnswer(reply.text);
  if (claimsSuccess(reply, answer, context)) return readSuccess(reply, answer, context);
  return refusalIn(reply, answer, context);
}

/** Reads the reply to anything else than an image, which has to be a refusal. */
export function readImgurRefusal(reply: Reply, context: ReplyContext): ImgurRefusal {
  // None went with it, so none can be stored.
  return refusalIn({ ...reply, early: true }, readAnswer(reply.text), context);
}

/**
 * Its status alone says little: errors come with 200 too, as JSON and as pages. The other way round a body that says
 * success and has the link was written by who keeps the image, and the status by somebody on the way.
 */
function claimsSuccess({ status }: Reply, answer: ImgurAnswer, { job }: ReplyContext): boolean {
  if (answer.code !== undefined || answer.success === false) return false;
  if (status >= 200 && status < 300)
    return answer.json ? answer.message === '' : faultOf(status, answer, job) === 'unreadable';
  return answer.success === true && answer.message === '' && isLinked(answer);
}

function isLinked({ data }: ImgurAnswer): boolean {
  return data !== undefined && typeof data.link === 'string' && imgurLink(data) !== undefined;
}

function readSuccess(reply: Reply, { data }: ImgurAnswer, context: ReplyContext): ReplyMeaning {
  const link = data === undefined ? undefined : harmlessLink(data, context);
  if (data !== undefined && link !== undefined && !reply.early)
    return { status: 'stored', upload: { link, ...detailsOf(data), reading: headerReading(reply, context) } };
  const problem = reply.early ? 'before it had the whole image' : 'without a link to an image of its own';
  const error = new TransferError('host_bad_reply', `Imgur answered ${reply.status} ${problem}`, {
    retry: 'later',
    possiblyStored: true,
  });
  return { status: 'refused', fault: 'unreadable', error };
}

/** Links are shown to everybody. One that repeats a secret is not one of an image. */
function harmlessLink(data: Fields, { hasSecret }: ReplyContext): string | undefined {
  const link = imgurLink(data);
  if (link === undefined || isPlainLink(link)) return link;
  return hasSecret(link, deleteHashOf(data)) ? undefined : link;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function detailsOf(data: Fields): Partial<HostUpload> {
  const { width, height } = data;
  const deleteHash = deleteHashOf(data);
  if (deleteHash !== undefined && isSize(width) && isSize(height)) return { deleteHash, width, height };
  return {
    ...(deleteHash === undefined ? {} : { deleteHash }),
    ...(isSize(width) ? { width } : {}),
    ...(isSize(height) ? { height } : {}),
  };
}

function headerReading({ headers }: Reply, { buckets, nowMs }: ReplyContext): BudgetReading {
  return { scope: buckets.scope, buckets: readRateHeaders(headers, buckets, nowMs) };
}
