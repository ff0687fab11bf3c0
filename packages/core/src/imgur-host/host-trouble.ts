import { TransferError, type TransferErrorFacts } from '../transfer-error.ts';
import { GrowingPause } from './growing-pause.ts';
import { emptyBucket, type ImgurBuckets } from './imgur-buckets.ts';
import { SuspectImages } from './suspect-images.ts';

const minuteMs = 60_000;
/** Short of the hour that an upload waits at most, because of the next. */
const longestMs = 59 * minuteMs;
/** So much later than a pause ends an image comes back that met it, for another one to go first. */
const lateMs = 1_000;

/** So many different images that fail in a row, with none taken between, are not at fault. */
const imagesInARow = 3;

/**
 * Tells trouble of Imgur from trouble with one image, which look the same in one reply. While Imgur is down the host
 * pauses, and no attempt is counted of an upload that it did not take. An image that alone is refused must not stop all
 * others. What it has seen is this process's; the pause is everybody's. See decisions/015.
 */
export class HostTrouble {
  readonly #buckets: ImgurBuckets;
  readonly #now: () => number;
  readonly #overload = new GrowingPause(minuteMs, longestMs);
  readonly #limit = new GrowingPause(1_000, longestMs);
  readonly #outage = new GrowingPause(5_000, 5 * minuteMs);
  /** Different images that failed since the last one that was taken; no more than it takes to be sure. */
  readonly #failed = new Set<unknown>();
  readonly #suspects = new SuspectImages();

  constructor(buckets: ImgurBuckets, now: () => number) {
    this.#buckets = buckets;
    this.#now = now;
  }

  /** For how long Imgur would be left alone that now said it is over capacity, or that a limit is reached. */
  pausesAt(nowMs: number): { readonly overloadMs: number; readonly limitMs: number } {
    return { overloadMs: this.#overload.at(nowMs), limitMs: this.#limit.at(nowMs) };
  }

  /** Imgur took an image that was sent at a time. */
  ended(sentAtMs: number): void {
    this.#overload.ended();
    this.#limit.ended();
    this.#works();
    this.#suspects.taken(sentAtMs);
  }

  /**
   * A request failed, for a reason that need not be its image. Answers what is to be thrown for it.
   * @param image Which image went with it, the same at each attempt.
   */
  judge(error: TransferError, image?: string): TransferError {
    switch (error.code) {
      case 'host_unavailable':
      case 'host_bad_reply':
      case 'host_reply_lost':
        return image === undefined ? error : this.#failure(error, image);
      case 'host_overloaded':
        this.#overload.began(this.#now());
        return comingLater(error);
      case 'host_blocked':
        this.#overload.began(this.#now());
        return image === undefined ? error : this.#block(error, image);
      case 'host_rate_limited':
        this.#limit.began(this.#now());
        return error;
      case 'host_rejected':
        this.#works();
        return error;
      default:
        return error;
    }
  }

  /** Whoever refuses an image for what it is can not be down. */
  #works(): void {
    this.#outage.ended();
    this.#failed.clear();
  }

  #failure(error: TransferError, image: string): TransferError {
    // That Imgur can not be reached is no image's fault, however often it is the same one.
    if (!error.notSent && this.#suspects.isAtFault(image)) return counted(error);
    if (this.#failed.size < imagesInARow) this.#failed.add(error.notSent ? error : image);
    if (error.retry !== 'wait' && this.#failed.size < imagesInARow) return error;
    if (!error.notSent) this.#suspects.stopped(image, this.#now());
    return error.retry === 'wait' ? comingLater(error, this.#rule(error, image)) : this.#out(error, image);
  }

  #out(error: TransferError, image: string): TransferError {
    const nowMs = this.#now();
    const forMs = this.#outage.at(nowMs);
    this.#outage.began(nowMs);
    const gate = { ...emptyBucket(this.#buckets.gate, forMs), reason: 'unavailable' } as const;
    return comingLater(error, {
      ...this.#rule(error, image),
      retryAfterMs: forMs,
      reading: { scope: this.#buckets.scope, buckets: [...(error.reading?.buckets ?? []), gate] },
    });
  }

  /** What may be stored each time is not sent without end, and no image waits for ever on its own. */
  #rule({ possiblyStored, notSent }: TransferError, image: string): TransferErrorFacts {
    return { retry: possiblyStored || (!notSent && this.#suspects.hasWaited(image)) ? 'later' : 'wait' };
  }

  #block(error: TransferError, image: string): TransferError {
    if (this.#suspects.isAtFault(image))
      return new TransferError('host_rejected', `${error.message} (it takes other images)`, {
        retry: 'later',
      });
    this.#suspects.stopped(image, this.#now());
    return comingLater(error);
  }
}

/** It is the image's own trouble: nothing is stopped for it, and its attempts end. */
function counted(error: TransferError): TransferError {
  if (error.retry !== 'wait') return error;
  const { code, message, possiblyStored, cause } = error;
  return new TransferError(code, message, { retry: 'later', possiblyStored, cause });
}

function comingLater(error: TransferError, otherwise: TransferErrorFacts = {}): TransferError {
  const { code, message, retry, possiblyStored, notSent, cause } = error;
  const retryAfterMs = otherwise.retryAfterMs ?? error.retryAfterMs ?? 0;
  const reading = otherwise.reading ?? error.reading;
  return new TransferError(code, message, {
    retry,
    possiblyStored,
    notSent,
    cause,
    ...otherwise,
    ...(reading === undefined ? {} : { reading }),
    retryAfterMs: retryAfterMs + lateMs,
  });
}
