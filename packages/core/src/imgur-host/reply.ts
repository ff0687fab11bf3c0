import type { JobOptions } from '../job.ts';
import type { ImgurBuckets } from './imgur-buckets.ts';
import type { ReplyHeaders } from './rate-headers.ts';

/** A reply as it came. */
export interface Reply {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: ReplyHeaders;
  /** The body, as far as it was read. */
  readonly text: string;
  /** It came before the request had left whole, so it can not be about all of it. */
  readonly early: boolean;
  /** The source kept the host waiting for the request, so what it says of time may be about that. */
  readonly starved: boolean;
}

/** What a reply is read with. */
export interface ReplyContext {
  readonly buckets: ImgurBuckets;
  readonly nowMs: number;
  /** For how long Imgur is left alone when it is over capacity, or forbids without a word of why. */
  readonly overloadMs: number;
  /** For how long at least when a limit is reached, whatever the reply tells: what it tells may have been wrong. */
  readonly limitMs: number;
  /** What the job gave beside the image. Its album may be somebody else's. */
  readonly job: JobOptions;
  /** Takes secrets out of what the reply says, those of the host and one of the reply's own. */
  readonly redact: (text: string, own?: string) => string;
  /** Whether a link repeats one of those. */
  readonly hasSecret: (link: string, own?: string) => boolean;
}
