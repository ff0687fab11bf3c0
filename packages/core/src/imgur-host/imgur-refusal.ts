import type { BucketReading, BudgetReading, PauseReason } from '../budget.ts';
import type { FailureCode } from '../failure.ts';
import { foreignText } from '../foreign-text.ts';
import { parseRetryAfter } from '../retry-after.ts';
import { TransferError, type TransferErrorFacts } from '../transfer-error.ts';
import { sourceTooSlow } from './body-turns.ts';
import { deleteHashOf, type ImgurAnswer } from './imgur-answer.ts';
import { emptyBucket } from './imgur-buckets.ts';
import { faultOf, type ImgurFault, minutesToWait } from './imgur-fault.ts';
import { saysItself } from './own-words.ts';
import { headerText, readRateHeaders, untilNextDayMs } from './rate-headers.ts';
import type { Reply, ReplyContext } from './reply.ts';

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
/** A block does not pass in minutes, and nothing pauses longer that has no limit to wait for. See HostTrouble. */
const blockedPauseMs = 59 * minuteMs;
/** When a bucket is empty and nothing says until when: most of Imgur's windows are an hour. */
const unknownResetMs = hourMs;
/** No limit that is told in minutes is of more than an hour, and its minutes are rounded. */
const longestHourMs = 65 * minuteMs;
/** "Too fast" is about the speed, not about an hour's worth. */
const tooFastPauseMs = 5 * minuteMs;
/** As long as an attempt waits for a Retry-After. */
const longestMomentMs = 10_000;

/** Says what a reply without a link means, and what is to be done. */
export function refusalIn(reply: Reply, answer: ImgurAnswer, context: ReplyContext): ImgurRefusal {
  const fault = faultOf(reply.status, answer, context.job);
  return { status: 'refused', fault, error: new Refusal(reply, answer, context).error(fault) };
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
        return this.#unavailable();
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
        return this.#blocked(blockedPauseMs);
      case 'forbidden':
        return this.#forbidden();
      case 'unreadable':
        return this.#because('host_bad_reply', 'gave an answer that makes no sense', this.#maybeStored());
    }
  }

  /** A moment is waited for within the attempt. What is to last longer is said of the service, so all wait for it. */
  #unavailable(): TransferError {
    const { status, early, starved } = this.#reply;
    const askedMs = this.#retryAfterMs ?? 0;
    if (status === 503 && askedMs > longestMomentMs)
      return this.#closed(
        'host_unavailable',
        'is not available',
        Math.min(askedMs, blockedPauseMs),
        'unavailable',
      );
    if (starved && (early || status === 408)) return sourceTooSlow();
    return this.#because('host_unavailable', 'is not available', {
      ...this.#asked(),
      ...this.#maybeStored(),
    });
  }

  #blocked(forMs: number): TransferError {
    return this.#closed('host_blocked', 'refuses everything from here', forMs, 'blocked');
  }

  /** Without a word of why it is about an album, if there is one: one job must not stop all others. */
  #forbidden(): TransferError {
    if (this.#context.job.album !== undefined && this.#answer.json)
      return this.#because('host_rejected', 'refused the image, or its album', { reading: this.#reading() });
    return this.#blocked(this.#context.overloadMs);
  }

  #overloaded(): TransferError {
    const pauseMs = Math.max(this.#context.overloadMs, Math.min(blockedPauseMs, this.#retryAfterMs ?? 0));
    return this.#closed('host_overloaded', 'is over capacity', pauseMs, 'overloaded');
  }

  /** All empty buckets must fill again, and any one can be the reason. */
  #rateLimited(unknownMs: number): TransferError {
    const { user, gate } = this.#context.buckets;
    const empty = this.#told.filter(({ remaining }) => remaining === 0);
    const minutesMs = this.#minutesToWait();
    if (minutesMs !== undefined) empty.push(emptyBucket(user, minutesMs));
    const emptyMs = Math.max(0, ...empty.map(({ resetInMs }) => resetInMs));
    const toldMs = Math.max(emptyMs, this.#retryAfterMs ?? 0) || unknownMs;
    const waitMs = Math.max(toldMs, this.#context.limitMs);
    return this.#emptied(waitMs > emptyMs ? [...empty, emptyBucket(gate, waitMs)] : empty, waitMs);
  }

  /** Running into this limit five times costs the application its month, so the day is given up at once. */
  #dailyLimit(): TransferError {
    const { buckets, nowMs } = this.#context;
    const toldMs = this.#told.find(({ bucket }) => bucket === buckets.client)?.resetInMs ?? 0;
    const waitMs = toldMs > minuteMs ? toldMs : Math.max(minuteMs, untilNextDayMs(nowMs));
    return this.#emptied([emptyBucket(buckets.client, waitMs)], waitMs);
  }

  #emptied(empty: readonly BucketReading[], retryAfterMs: number): TransferError {
    const reading = this.#reading(empty.map((bucket) => ({ ...bucket, reason: 'rate-limited' })));
    return this.#because('host_rate_limited', 'allows no more uploads for now', { retryAfterMs, reading });
  }

  #closed(code: FailureCode, fact: string, forMs: number, reason: PauseReason): TransferError {
    const reading = this.#reading([{ ...emptyBucket(this.#context.buckets.gate, forMs), reason }]);
    return this.#because(code, fact, { retry: 'wait', retryAfterMs: forMs, reading });
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
    const { message } = this.#answer;
    if (!saysItself(message, minutesToWait, this.#context.job)) return undefined;
    const toldMs = Number(minutesToWait.exec(message)?.[1]) * minuteMs;
    return Math.min(/\bda(y|ily)\b/i.test(message) ? dayMs : longestHourMs, Math.max(minuteMs, toldMs));
  }

  #asked(): TransferErrorFacts {
    return this.#retryAfterMs === undefined ? {} : { retryAfterMs: this.#retryAfterMs };
  }

  /**
   * A gateway that lost the answer can not say what became of the image, nor can a reply that speaks of success and
   * has no link. Each further POST may then make one image more, so none is sent soon.
   */
  #maybeStored(): TransferErrorFacts {
    const { status, early } = this.#reply;
    const says = status === 502 || status === 504 || this.#answer.success === true;
    const possiblyStored = !early && (says || (status >= 200 && status < 300));
    return possiblyStored ? { possiblyStored, retry: 'later' } : {};
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
