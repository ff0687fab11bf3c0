import type { SourceImage } from '../source.ts';
import { TransferError, type TransferErrorFacts } from '../transfer-error.ts';
import { GrowingPause } from './growing-pause.ts';
import { emptyBucket, type ImgurBuckets } from './imgur-buckets.ts';

const minuteMs = 60_000;
/** Short of the hour that an upload waits at most, because of the next. */
const longestMs = 59 * minuteMs;
/** So much later than a pause ends an image comes back that met it, for another one to go first. */
const lateMs = 1_000;

/** So many different images that fail in a row, with none taken between, are not at fault. */
const imagesInARow = 3;
/** An image that was blocked so often, and each time others were taken afterwards, is: from then on its attempts count. */
const blocksOfOneImage = 2;
const mostRemembered = 1_000;

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
  /** When an image was blocked, of those since which no other was sent and taken. */
  readonly #blockedAtMs = new Map<string, number>();
  /** How often others were taken after an image had been blocked. */
  readonly #blockedAlone = new Map<string, number>();

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
    for (const [image, atMs] of this.#blockedAtMs) {
      // What was on its way already tells nothing of those that were blocked beside it.
      if (atMs >= sentAtMs) continue;
      this.#blockedAtMs.delete(image);
      this.#blockedAlone.set(image, this.#timesAlone(image) + 1);
    }
    const [oldest] = this.#blockedAlone.keys();
    if (this.#blockedAlone.size > mostRemembered && oldest !== undefined) this.#blockedAlone.delete(oldest);
  }

  /** A request failed, with an image or without one. Answers what is to be thrown for it. */
  judge(error: TransferError, image?: SourceImage): TransferError {
    switch (error.code) {
      case 'host_unavailable':
      case 'host_bad_reply':
      case 'host_reply_lost':
        return image === undefined ? error : this.#failure(error, keyOf(image));
      case 'host_overloaded':
        this.#overload.began(this.#now());
        return comingLater(error);
      case 'host_blocked':
        this.#overload.began(this.#now());
        return image === undefined ? error : this.#block(error, keyOf(image));
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
    if (this.#failed.size < imagesInARow) this.#failed.add(error.notSent ? error : image);
    if (error.retry === 'wait') return comingLater(error);
    return this.#failed.size < imagesInARow ? error : this.#out(error);
  }

  #out(error: TransferError): TransferError {
    const nowMs = this.#now();
    const forMs = this.#outage.at(nowMs);
    this.#outage.began(nowMs);
    const gate = { ...emptyBucket(this.#buckets.gate, forMs), reason: 'unavailable' } as const;
    return comingLater(error, {
      // What may be stored each time is not sent without end.
      retry: error.possiblyStored ? 'later' : 'wait',
      retryAfterMs: forMs,
      reading: { scope: this.#buckets.scope, buckets: [...(error.reading?.buckets ?? []), gate] },
    });
  }

  #block(error: TransferError, image: string): TransferError {
    if (this.#timesAlone(image) >= blocksOfOneImage)
      return new TransferError('host_rejected', `${error.message} (it takes other images)`, {
        retry: 'later',
      });
    if (this.#blockedAtMs.size < mostRemembered) this.#blockedAtMs.set(image, this.#now());
    return comingLater(error);
  }

  #timesAlone(image: string): number {
    return this.#blockedAlone.get(image) ?? 0;
  }
}

/** A host is told no name of an image; two of one type that have the same size to the byte are rare. */
function keyOf({ type, bytes }: SourceImage): string {
  return `${type} ${bytes}`;
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
