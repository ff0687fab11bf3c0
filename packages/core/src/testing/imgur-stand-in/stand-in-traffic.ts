/** What the stand-in has counted since it started or was reset. */
export interface StandInRequests {
  /** Uploads that began to arrive. */
  readonly posts: number;
  /** Of those: images that were stored, whatever was answered. */
  readonly accepted: number;
  /** Of those: that were answered, or left without an answer, and nothing was stored. */
  readonly refused: number;
  /** Of those: bodies that ended before their Content-Length, or before their last chunk. */
  readonly incomplete: number;
  /** Of those refused: because a limit of the stand-in itself was used up. A well-behaved client causes none. */
  readonly rateLimited: number;
  /** Images that were deleted. */
  readonly deleted: number;
  /** Requests for new tokens. */
  readonly refreshes: number;
  /** Connections on which something came that is not HTTP, such as bytes beyond a Content-Length. */
  readonly garbled: number;
  /** Uploads that are under way now. */
  readonly inFlight: number;
  /** The most uploads that were under way at once. */
  readonly peak: number;
}

/** How an upload ended for the counters. */
export type UploadEnd = 'accepted' | 'refused' | 'incomplete';

type Counts = { -readonly [Name in keyof StandInRequests]: number };

/** Counts uploads as they come and go. */
export class StandInTraffic {
  #counts: Counts = zeroCounts();

  get counts(): StandInRequests {
    return { ...this.#counts };
  }

  began(): void {
    this.#counts.posts += 1;
    this.#counts.inFlight += 1;
    this.#counts.peak = Math.max(this.#counts.peak, this.#counts.inFlight);
  }

  judged(end: UploadEnd): void {
    this.#counts[end] += 1;
  }

  ended(): void {
    this.#counts.inFlight -= 1;
  }

  count(what: 'deleted' | 'garbled' | 'rateLimited' | 'refreshes'): void {
    this.#counts[what] += 1;
  }

  /** What is under way stays counted as that; a post whose end is still open stays a post. */
  clear(): void {
    const { posts, accepted, refused, incomplete, inFlight } = this.#counts;
    const open = posts - accepted - refused - incomplete;
    this.#counts = { ...zeroCounts(), posts: open, inFlight, peak: inFlight };
  }
}

function zeroCounts(): Counts {
  return {
    posts: 0,
    accepted: 0,
    refused: 0,
    incomplete: 0,
    rateLimited: 0,
    deleted: 0,
    refreshes: 0,
    garbled: 0,
    inFlight: 0,
    peak: 0,
  };
}
