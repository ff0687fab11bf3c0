import { type BudgetReading, TransferError } from '@imgferry/core';
import { exchange } from '../../packages/core/src/imgur-host/exchange.ts';
import { imgurBuckets } from '../../packages/core/src/imgur-host/imgur-buckets.ts';
import type { ImgurRefusal } from '../../packages/core/src/imgur-host/imgur-refusal.ts';
import { readImgurRefusal, readImgurReply } from '../../packages/core/src/imgur-host/imgur-reply.ts';
import type { Reply, ReplyContext } from '../../packages/core/src/imgur-host/reply.ts';
import { Secrets } from '../../packages/core/src/imgur-host/secrets.ts';
import { corpusOf, holds, messageOf, type Target } from './target.ts';

const clientId = 'canary-application-546c25a5';
const secrets = new Secrets([clientId]);
const buckets = imgurBuckets({
  name: 'imgur',
  clientId,
  account: undefined,
  egress: 'default',
  rapidApi: false,
});
const context: ReplyContext = {
  buckets,
  nowMs: Date.UTC(2026, 10, 23, 20, 0, 0),
  overloadMs: 60_000,
  limitMs: 1_000,
  job: {},
  redact: (text, own) => secrets.redact(text, [own]),
  hasSecret: (link, own) => secrets.areIn(link, [own]),
};
const longestMs = 31 * 24 * 3_600_000;

export const repliesTarget: Target = {
  name: 'replies',
  seeds: corpusOf('replies'),
  async check(input, split) {
    const { first, headers, body } = messageOf(input);
    const sent = { status: statusOf(first), headers: Object.fromEntries(headers) };
    // An early answer is one that came before all of the image had left.
    const early = headers.has('early') || body.length % 7 === 0;
    const reply = await received({ ...sent, chunks: [body], early });
    holds(reply.early === early && reply.status === sent.status, 'a reply is as it was sent');
    const again = await received({ ...sent, chunks: split(body), early });
    holds(again.text === reply.text, 'a reply is the same in other chunks');
    const meaning = readImgurReply(reply, context);
    if (meaning.status === 'refused') checkRefusal(meaning);
    else checkStored(meaning.upload, reply);
    checkRefusal(readImgurRefusal(reply, context));
    holds(!('polluted' in {}), 'no reply changes what all objects are');
  },
};

function statusOf(text: string): number {
  const number = Math.abs(Number.parseInt(text, 10)) || 200;
  return number >= 200 && number < 600 ? number : 200 + (number % 400);
}

function checkStored(
  upload: Extract<ReturnType<typeof readImgurReply>, { status: 'stored' }>['upload'],
  reply: Reply,
): void {
  const { link, deleteHash, width, height, reading } = upload;
  const url = URL.parse(link);
  holds(
    url !== null && /^https:\/\/(i\.)?imgur\.com\/[A-Za-z0-9]/.test(link),
    `a link is one of an image at Imgur: ${link}`,
  );
  holds(url.href === link && url.hash === '', `a link is spelled as URLs are: ${link}`);
  holds(!reply.early, 'an early reply has no link');
  const says = JSON.parse(reply.text).success === true;
  holds(
    says || (reply.status >= 200 && reply.status < 300),
    'a link comes with a status or a word of success',
  );
  holds(
    deleteHash === undefined || /^[A-Za-z0-9]{1,64}$/.test(deleteHash),
    'a deletehash is letters and digits',
  );
  for (const size of [width, height])
    holds(size === undefined || (Number.isSafeInteger(size) && size > 0), 'a size is a number of pixels');
  holds(!link.includes(clientId), 'a link holds no secret');
  checkReading(reading);
}

function checkRefusal({ error, fault }: ImgurRefusal): void {
  holds(
    error instanceof TransferError && error.code.startsWith('host_'),
    'a refusal is an error of the host',
  );
  holds(fault.length > 0, 'a refusal has a meaning');
  const { message, retryAfterMs, reading } = error;
  for (const text of [message, error.toFailure().message]) {
    holds(text.length <= 300, `a message is a sentence of ours and at most 200 characters: ${text.length}`);
    holds(
      !/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text) && text.isWellFormed(),
      'a message is one line of whole characters',
    );
    holds(!text.includes(clientId), 'a message holds no secret');
  }
  holds(
    retryAfterMs === undefined || isWithin(retryAfterMs, 0, longestMs),
    `a wait is a number: ${retryAfterMs}`,
  );
  checkReading(reading);
}

function checkReading(reading: BudgetReading | undefined): void {
  for (const { bucket, remaining, limit, resetInMs } of reading?.buckets ?? []) {
    holds(buckets.scope.includes(bucket), `a bucket is one of the host's: ${bucket}`);
    holds(
      isWithin(remaining, 0, 1e12) && Number.isInteger(remaining),
      `what remains is a count: ${remaining}`,
    );
    holds(limit === undefined || isWithin(limit, 1, 1e12), `a limit is a count: ${limit}`);
    holds(isWithin(resetInMs, 1_000, longestMs), `a reset is a time: ${resetInMs}`);
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isFinite(value) && value >= least && value <= most;
}

interface SentReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly chunks: readonly Uint8Array[];
  readonly early: boolean;
}

/** The part of an exchange that its client talks to. */
interface Handler {
  onRequestStart(controller: { abort(reason: Error): void }): void;
  onRequestSent(): void;
  onResponseStart(controller: unknown, status: number, headers: Record<string, string>): void;
  onResponseData(controller: unknown, chunk: Buffer): void;
  onResponseEnd(): void;
}

/** A reply as the exchange reads it from its client, which is told of it chunk by chunk. */
function received({ status, headers, chunks, early }: SentReply): Promise<Reply> {
  const dispatch = (_options: unknown, handler: Handler): boolean => {
    const controller = { abort: () => {} };
    handler.onRequestStart(controller);
    if (!early) handler.onRequestSent();
    handler.onResponseStart(controller, status, headers);
    for (const chunk of chunks) handler.onResponseData(controller, Buffer.from(chunk));
    handler.onResponseEnd();
    return true;
  };
  const dispatcher = { dispatch } as unknown as Parameters<typeof exchange>[0];
  return exchange(dispatcher, {
    ...{ origin: 'http://imgur.example', path: '/3/image', method: 'POST', headers: {}, carriesImage: true },
    ...{ headersTimeoutMs: 10_000, idleTimeoutMs: 10_000, now: () => 0, signal: never },
  });
}

const never = new AbortController().signal;
