import type { BucketReading, BudgetReading, PauseReason } from '../budget.ts';
import type { FailureCode } from '../failure.ts';
import { foreignText } from '../foreign-text.ts';
import type { HostUpload } from '../host.ts';
import { parseRetryAfter } from '../retry-after.ts';
import { TransferError, type TransferErrorFacts } from '../transfer-error.ts';
import { type Fields, type ImgurAnswer, readAnswer } from './imgur-answer.ts';
import type { ImgurBuckets } from './imgur-buckets.ts';
import { faultOf, type ImgurFault } from './imgur-fault.ts';
import { imgurLink } from './imgur-link.ts';
import { headerText, type ReplyHeaders, readRateHeaders, untilNextDayMs } from './rate-headers.ts';

/** A reply as it came. */
export interface Reply {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: ReplyHeaders;
  /** The body, as far as it was read. */
  readonly text: string;
  /** It came before the request had left whole, so it can not be about all of it. */
  readonly early: boolean;
}

/** What a reply is read with. */
export interface ReplyContext {
  readonly buckets: ImgurBuckets;
  readonly nowMs: number;
  /** For how long Imgur is left alone when it says that it is over capacity. */
  readonly overloadMs: number;
  /** Takes secrets out of what the reply says, those of the host and one of the reply's own. */
  readonly redact: (text: string, own?: string) => string;
}

/** What a reply means. */
export type ReplyMeaning = { readonly status: 'stored'; readonly upload: HostUpload } | ImgurRefusal;

/** A reply that is no success: why, and what is to be thrown for it. */
export interface ImgurRefusal {
  readonly status: 'refused';
  readonly fault: ImgurFault;
  readonly error: TransferError;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** After credentials were refused, a probe goes this much later. */
export const credentialsPauseMs: number = 5 * minuteMs;
/** A block of an address or application does not pass in minutes. */
const blockedPauseMs = hourMs;
/** When a bucket is empty and nothing says until when: most of Imgur's windows are an hour. */
const unknownResetMs = hourMs;
/** "Too fast" is about the speed, not about an hour's worth. */
const tooFastPauseMs = 5 * minuteMs;

/** Reads the reply to an image: a link, or an error that says what is to be done. */
export function readImgurReply(reply: Reply, context: ReplyContext): ReplyMeaning {
  const answer = readAnswer(reply.text);
  if (claimsSuccess(reply, answer)) return readSuccess(reply, answer, context);
  return refusalIn(reply, answer, context);
}

/** Reads the reply to anything else than an image, which has to be a refusal. */
export function readImgurRefusal(reply: Reply, context: ReplyContext): ImgurRefusal {
  return refusalIn(reply, readAnswer(reply.text), context);
}

function refusalIn(reply: Reply, answer: ImgurAnswer, context: ReplyContext): ImgurRefusal {
  const fault = faultOf(reply.status, answer);
  return { status: 'refused', fault, error: new Refusal(reply, answer, context).error(fault) };
}

/** Its status alone says little: errors come with 200 too, as JSON and as pages. */
function claimsSuccess({ status }: Reply, answer: ImgurAnswer): boolean {
  if (status < 200 || status >= 300 || answer.success === false) return false;
  return answer.json
    ? answer.code === undefined && answer.message === ''
    : faultOf(status, answer) === 'unreadable';
}

function readSuccess(reply: Reply, { data }: ImgurAnswer, context: ReplyContext): ReplyMeaning {
  const link = data === undefined ? undefined : harmlessLink(data, context);
  const problem = reply.early ? 'before it had the whole image' : 'without a link to an image of its own';
  if (data !== undefined && link !== undefined && !reply.early)
    return { status: 'stored', upload: { link, ...detailsOf(data), reading: headerReading(reply, context) } };
  const error = new TransferError('host_bad_reply', `Imgur answered ${reply.status} ${problem}`, {
    possiblyStored: true,
  });
  return { status: 'refused', fault: 'unreadable', error };
}

/** Links are shown to everybody. One that repeats a secret is not one of an image. */
function harmlessLink(data: Fields, { redact }: ReplyContext): string | undefined {
  const link = imgurLink(data);
  return link !== undefined && redact(link, deleteHashOf(data)) === link ? link : undefined;
}

function deleteHashOf({ deletehash }: Fields): string | undefined {
  return typeof deletehash === 'string' && /^[A-Za-z0-9]{1,64}$/.test(deletehash) ? deletehash : undefined;
}

function detailsOf(data: Fields): Partial<HostUpload> {
  const { width, height } = data;
  const deleteHash = deleteHashOf(data);
  const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
  return {
    ...(deleteHash === undefined ? {} : { deleteHash }),
    ...(isSize(width) ? { width } : {}),
    ...(isSize(height) ? { height } : {}),
  };
}

function headerReading({ headers }: Reply, { buckets, nowMs }: ReplyContext): BudgetReading {
  return { scope: buckets.scope, buckets: readRateHeaders(headers, buckets, nowMs) };
}

/** One reply without a link, on its way to an error. */
class Refusal {
  readonly #reply: Reply;
  readonly #answer: ImgurAnswer;
  readonly #context: ReplyContext;
  readonly #told: readonly BucketReading[];
  /** `Retry-After: 0` comes with errors of the edge and does not mean now. */
  readonly #retryAfterMs: number | undefined;

  constructor(reply: Reply, answer: ImgurAnswer, context: ReplyContext) {
    this.#reply = reply;
    this.#answer = answer;
    this.#context = context;
    this.#told = readRateHeaders(reply.headers, context.buckets, context.nowMs);
    const askedMs = parseRetryAfter(headerText(reply.headers['retry-after']), context.nowMs);
    this.#retryAfterMs = askedMs === undefined || askedMs === 0 ? undefined : Math.min(askedMs, dayMs);
  }

  error(fault: ImgurFault): TransferError {
    switch (fault) {
      case 'rejected':
        return this.#because('host_rejected', 'refused the image', { reading: this.#reading() });
      case 'expectation':
        return this.#because('host_rejected', 'failed on the image', {
          retry: 'once',
          reading: this.#reading(),
        });
      case 'hiccup':
        return this.#because('host_unavailable', 'could not process the image', {
          retry: 'later',
          ...this.#asked(),
        });
      case 'unavailable':
        return this.#because('host_unavailable', 'is not available', {
          ...this.#asked(),
          ...this.#afterGateway(),
        });
      case 'overloaded':
        return this.#overloaded();
      case 'rate-limited':
        return this.#rateLimited(unknownResetMs);
      case 'too-fast':
        return this.#rateLimited(tooFastPauseMs);
      case 'daily-limit':
        return this.#dailyLimit();
      case 'token':
      case 'credentials':
        return this.#closed(
          'host_credentials',
          'does not accept the credentials',
          credentialsPauseMs,
          'credentials',
        );
      case 'blocked':
        return this.#closed('host_blocked', 'refuses everything from here', blockedPauseMs, 'blocked');
      case 'unreadable':
        return this.#because('host_bad_reply', 'gave an answer that makes no sense');
    }
  }

  #overloaded(): TransferError {
    const pauseMs = Math.max(this.#context.overloadMs, this.#retryAfterMs ?? 0);
    return this.#closed('host_overloaded', 'is over capacity', pauseMs, 'overloaded');
  }

  /** All empty buckets must fill again, and any one can be the reason. */
  #rateLimited(unknownMs: number): TransferError {
    const { user, gate } = this.#context.buckets;
    const empty = this.#told.filter(({ remaining }) => remaining === 0);
    const minutesMs = this.#minutesToWait();
    if (minutesMs !== undefined) empty.push(emptyBucket(user, minutesMs));
    const emptyMs = Math.max(0, ...empty.map(({ resetInMs }) => resetInMs));
    const waitMs = Math.max(emptyMs, this.#retryAfterMs ?? 0) || unknownMs;
    return this.#emptied(waitMs > emptyMs ? [...empty, emptyBucket(gate, waitMs)] : empty, waitMs);
  }

  /** Running into this limit five times costs the application its month, so the day is given up at once. */
  #dailyLimit(): TransferError {
    const { buckets, nowMs } = this.#context;
    const told = this.#told.find(({ bucket }) => bucket === buckets.client);
    const waitMs = told?.resetInMs ?? untilNextDayMs(nowMs);
    return this.#emptied([emptyBucket(buckets.client, waitMs)], waitMs);
  }

  #emptied(empty: readonly BucketReading[], retryAfterMs: number): TransferError {
    const reading = this.#reading(empty.map((bucket) => ({ ...bucket, reason: 'rate-limited' })));
    return this.#because('host_rate_limited', 'allows no more uploads for now', { retryAfterMs, reading });
  }

  #closed(code: FailureCode, fact: string, forMs: number, reason: PauseReason): TransferError {
    const reading = this.#reading([{ ...emptyBucket(this.#context.buckets.gate, forMs), reason }]);
    return this.#because(code, fact, { retryAfterMs: forMs, reading });
  }

  /** What the headers told, and what is known better; of two readings of a bucket the later end counts. */
  #reading(known: readonly BucketReading[] = []): BudgetReading {
    const merged = new Map(this.#told.map((reading) => [reading.bucket, reading]));
    for (const reading of known) {
      const resetInMs = Math.max(reading.resetInMs, merged.get(reading.bucket)?.resetInMs ?? 0);
      merged.set(reading.bucket, { ...merged.get(reading.bucket), ...reading, resetInMs });
    }
    return { scope: this.#context.buckets.scope, buckets: [...merged.values()] };
  }

  #minutesToWait(): number | undefined {
    const minutes = /wait (\d{1,9}) more minute/i.exec(this.#answer.message)?.[1];
    return minutes === undefined
      ? undefined
      : Math.min(dayMs, Math.max(minuteMs, Number(minutes) * minuteMs));
  }

  #asked(): TransferErrorFacts {
    return this.#retryAfterMs === undefined ? {} : { retryAfterMs: this.#retryAfterMs };
  }

  /** A gateway that lost the answer can not say what became of the image. */
  #afterGateway(): TransferErrorFacts {
    return { possiblyStored: !this.#reply.early && [502, 504].includes(this.#reply.status) };
  }

  #because(code: FailureCode, fact: string, facts: TransferErrorFacts = {}): TransferError {
    const { json, message, data = {} } = this.#answer;
    const words = json ? foreignText(this.#context.redact(message, deleteHashOf(data))) : '';
    return new TransferError(
      code,
      `Imgur ${fact}: ${words === '' ? `it answered ${this.#reply.status}` : words}`,
      facts,
    );
  }
}

function emptyBucket(bucket: string, resetInMs: number): BucketReading {
  return { bucket, remaining: 0, resetInMs };
}
