import { StateError } from '../errors.ts';
import type { CollectedBody } from './collected-body.ts';
import type { HttpExchange } from './http-exchange.ts';

/** A body as its reader gets it: what has been read already, then the rest as it comes, once. */
export class BodyStream implements AsyncIterable<Uint8Array> {
  readonly #head: CollectedBody;
  readonly #exchange: HttpExchange;
  readonly #onDone: () => void;
  #begun = false;

  /** @param onDone Called once the reader has come to the end or given up. */
  constructor(head: CollectedBody, exchange: HttpExchange, onDone: () => void) {
    this.#head = head;
    this.#exchange = exchange;
    this.#onDone = onDone;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#begun) throw new StateError('a streamed image can be read only once');
    this.#begun = true;
    return this.#read();
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* this.#head.chunks();
      for (;;) {
        const chunk = await this.#exchange.read();
        if (chunk === undefined) return;
        yield chunk;
      }
    } finally {
      this.#onDone();
    }
  }
}
