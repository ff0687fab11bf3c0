import type { ImgurReply } from './imgur-reply.ts';

/** How an order is to be carried out. */
export interface OrderOptions {
  /** For how many POSTs. @default 1 */
  readonly times?: number;
  /** Whether the image is kept although, or because, it is answered like this. @default as the reply says */
  readonly stored?: boolean;
  /** Of which requests the next are meant: uploads, or those for new tokens. @default 'uploads' */
  readonly of?: 'uploads' | 'refreshes';
}

/** Which reply the next POST of a kind gets: those in the queue first, then the standing one. */
export class StandInOrders {
  readonly #queue: { readonly reply: ImgurReply; left: number }[] = [];
  #standing: ImgurReply = {};

  next(reply: ImgurReply, { times = 1, stored }: OrderOptions): void {
    this.#queue.push({ reply: stored === undefined ? reply : { ...reply, stored }, left: times });
  }

  always(reply: ImgurReply | undefined): void {
    this.#standing = reply ?? {};
  }

  take(): ImgurReply {
    const first = this.#queue[0];
    if (!first) return this.#standing;
    first.left -= 1;
    if (first.left <= 0) this.#queue.shift();
    return first.reply;
  }

  clear(): void {
    this.#queue.length = 0;
    this.#standing = {};
  }
}
