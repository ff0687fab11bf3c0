import type { ImgurImageBody } from './image-body.ts';

/** What a fixed answer is told of the request it answers. */
export interface AnsweredRequest {
  /** Without its query. */
  readonly path: string;
  readonly method: string;
}

/** An answer that is given whatever was sent. */
export interface ImgurAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | ((request: AnsweredRequest) => string);
}

/**
 * How a POST is answered. Plain data: take one from {@link imgurReplies}, or write your own. `{}` is what the stand-in
 * does by itself.
 */
export interface ImgurReply {
  /** Given in place of the stand-in's own answer, whatever that would be. */
  readonly answer?: ImgurAnswer;
  /** Changes the body of a success; an image that the stand-in would refuse is still refused. */
  readonly alter?: (body: ImgurImageBody) => unknown;
  /** The HTTP status, where it is to differ from that of the answer. */
  readonly status?: number;
  /** Headers beside the usual ones, or in place of them. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether the image is kept, and counts as accepted, if it is one that the stand-in takes.
   * @default false with an `answer`, and when the body is not read; else true
   */
  readonly stored?: boolean;
  /** Whether the headers about the limits go with it. @default true */
  readonly rateHeaders?: boolean;
  /** Given by the network in front of Imgur: it is not counted against the limits and says nothing of them. @default false */
  readonly edge?: boolean;
  /** Only for an image of so many bytes; any other is answered as if there were no order. @default for every image */
  readonly onlyBytes?: number;
  /** Waits before the answer, in milliseconds. @default 0 */
  readonly delayMs?: number;
  /** How the request is read and the answer is sent. @default { type: 'whole' } */
  readonly manner?: ReplyManner;
}

/** How a request is read and an answer is sent. */
export type ReplyManner =
  /** The body is read, then the answer is sent in one go. */
  | { readonly type: 'whole' }
  /** The connection is reset as soon as the headers are there. */
  | { readonly type: 'reset-before-body' }
  /** The body is read, then the connection is reset. */
  | { readonly type: 'reset-after-body' }
  /** The body is read, then nothing is sent until the sender gives up. */
  | { readonly type: 'never' }
  /** The body is not read, and nothing is sent until the sender gives up. */
  | { readonly type: 'stall' }
  /** The answer is sent byte by byte, each after a pause in milliseconds. */
  | { readonly type: 'slow'; readonly everyMs: number }
  /** The connection ends in the middle of the answer. */
  | { readonly type: 'truncated' };
