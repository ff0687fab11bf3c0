import type { IncomingMessage } from 'node:http';

type Chunk = IteratorResult<Uint8Array, undefined>;

const events = ['readable', 'end', 'error', 'close'] as const;
const ended: Chunk = { done: true, value: undefined };

/**
 * The body of a Node request, read chunk by chunk. Unlike the iterator that the request has itself, ending early
 * leaves the connection open, so that an answer can still be sent on it, and ends a `next` that is waiting.
 */
export class IncomingBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #incoming: IncomingMessage;
  #left = false;
  #wake: () => void = () => {};

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Chunk> {
    while (!this.#left) {
      const chunk: Uint8Array | string | null = this.#incoming.read();
      if (chunk !== null)
        return { done: false, value: typeof chunk === 'string' ? Buffer.from(chunk) : chunk };
      if (this.#incoming.readableEnded) return ended;
      if (this.#incoming.destroyed) throw this.#incoming.errored ?? new Error('the connection was closed');
      await this.#change();
    }
    return ended;
  }

  async return(): Promise<Chunk> {
    this.#left = true;
    this.#wake();
    return ended;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        for (const event of events) this.#incoming.off(event, this.#wake);
        resolve();
      };
      for (const event of events) this.#incoming.on(event, this.#wake);
    });
  }
}
