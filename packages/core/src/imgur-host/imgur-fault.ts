import type { JobOptions } from '../job.ts';
import type { ImgurAnswer } from './imgur-answer.ts';
import { saysItself } from './own-words.ts';

/**
 * What a reply without a link means:
 * `rejected` this image, for good; `expectation` perhaps this image, worth one more try; `hiccup` Imgur's processing,
 * worth a later try; `unavailable` the service for a moment; `overloaded` this address or all, for minutes;
 * `rate-limited` a bucket is empty; `too-fast` the same without a word of when; `daily-limit` the application's day is
 * used up; `token` the access token; `credentials` the application's; `blocked` this address or application;
 * `forbidden` probably the same, without a word of why; `unreadable` nobody knows.
 */
export type ImgurFault =
  | 'rejected'
  | 'expectation'
  | 'hiccup'
  | 'unavailable'
  | 'overloaded'
  | 'rate-limited'
  | 'too-fast'
  | 'daily-limit'
  | 'token'
  | 'credentials'
  | 'blocked'
  | 'forbidden'
  | 'unreadable';

type Rule<Sign> = readonly [sign: Sign, fault: ImgurFault, statuses?: readonly number[]];

const codes: readonly Rule<number>[] = [
  [1003, 'rejected'],
  [1016, 'blocked'],
  [403, 'blocked'],
  [429, 'rate-limited'],
];

/** How long it is to the end of an hour's limit, in words. */
export const minutesToWait: RegExp = /wait (\d+) more minute/i;

/** Also found in pages that are not JSON. */
const pageWords: readonly Rule<RegExp>[] = [
  [/over capacity/i, 'overloaded'],
  [/these actions are forbidden|banned country/i, 'blocked'],
];

/** Pages and errors that name a Client-ID only because it was sent to them are not about it. */
const unknownClient =
  /\b(invalid|unknown|missing|no)[ _]client|client.?id\b.{0,40}\b(invalid|unknown|missing|required|revoked|disabled|not)\b/i;

const words: readonly Rule<RegExp>[] = [
  [minutesToWait, 'rate-limited'],
  [/too fast/i, 'too-fast'],
  [/daily client requests/i, 'daily-limit'],
  ...pageWords,
  [/authentication required/i, 'token'],
  [unknownClient, 'credentials', [400, 401, 403]],
  [/file type invalid|support that file type/i, 'rejected'],
  [/over the size limit|too large/i, 'rejected'],
  [/internal expectation failed/i, 'expectation'],
  [/(could not|unable to) process upload|circuit.?breaker/i, 'hiccup'],
];

/**
 * Tells what a reply without a link means, by the code inside it, then its words, then its status: they may disagree,
 * and that is the order in which they have been right.
 */
export function faultOf(status: number, answer: ImgurAnswer, job: JobOptions): ImgurFault {
  // A token can be renewed, so it is looked for before a code that would end in a pause.
  if (answer.json && speaksOfToken(status, answer, job)) return 'token';
  if (answer.byGateway) return byGateway(status);
  const withAlbum = job.album !== undefined;
  // "Forbidden" may be said of the album, which must not stop everybody; its words may know better.
  if (withAlbum && answer.code === 403) return byWords(status, answer, job) ?? 'forbidden';
  return (
    byCode(answer) ?? byWords(status, answer, job) ?? byStatus(statusOf(status, answer), answer, withAlbum)
  );
}

function byCode({ code }: ImgurAnswer): ImgurFault | undefined {
  return codes.find(([sign]) => sign === code)?.[1];
}

function byWords(status: number, answer: ImgurAnswer, job: JobOptions): ImgurFault | undefined {
  const said = statusOf(status, answer);
  return (answer.json ? words : pageWords).find(
    ([sign, , statuses]) => (statuses?.includes(said) ?? true) && saysItself(answer.message, sign, job),
  )?.[1];
}

/** Where access is refused a token is spoken of in earnest, whatever the job is called. */
function speaksOfToken(status: number, answer: ImgurAnswer, job: JobOptions): boolean {
  const sign = /access token/i;
  const refused = [401, 403].includes(statusOf(status, answer));
  return refused ? sign.test(answer.message) : saysItself(answer.message, sign, job);
}

/** Its refusals are about the RapidAPI key; no access token would change them. */
function byGateway(status: number): ImgurFault {
  if (status === 401 || status === 403) return 'credentials';
  if (status === 429) return 'rate-limited';
  if (status < 400) return 'unreadable';
  return status >= 500 || status === 404 ? 'unavailable' : 'rejected';
}

/** The reply's own status counts; where it claims success, what stands in the body. */
function statusOf(status: number, { status: inBody, code }: ImgurAnswer): number {
  if (status >= 400) return status;
  return [code, inBody].find((claimed) => claimed !== undefined && claimed >= 400 && claimed < 600) ?? status;
}

function byStatus(status: number, { json, message }: ImgurAnswer, withAlbum: boolean): ImgurFault {
  // Without a word of it, it is about the credentials; or all jobs with an album would fail when those end.
  if (status === 401) return json && withAlbum && /album|permission/i.test(message) ? 'rejected' : 'token';
  if (status === 403) return json && /album/i.test(message) ? 'rejected' : 'forbidden';
  // Not for legal reasons (RFC 7725): a country in which Imgur does not serve.
  if (status === 451) return 'blocked';
  if (status === 429) return 'rate-limited';
  if (status === 417) return 'expectation';
  if (status === 413 || status === 415) return 'rejected';
  if (status === 408 || status >= 500) return 'unavailable';
  if (status < 400) return 'unreadable';
  // An edge server that is in trouble answers 400 and 405 too, with a page of its own.
  return json ? 'rejected' : 'unavailable';
}
