import { setImmediate as nextTurn } from 'node:timers/promises';

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Shares calls: what is added in one turn of the event loop goes together, and so does what is added while a call is
 * on its way, or while it is worth waiting for more. Answers come back to each adder; when a call rejects, so does
 * everything that went with it.
 */
export class Batcher<Request, Answer> {
  readonly #send: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  readonly #most: number;
  readonly #lingerMs: () => number;
  readonly #waiting: Waiting<Request, Answer>[] = [];
  /** When the first of those that wait was added, by `performance.now()`. */
  #since = 0;
  #isSending = false;
  /** Ends the wait for more. */
  #isFull: () => void = () => {};

  /**
   * @param send Answers in the order of the requests.
   * @param most At most so many requests go in one call.
   * @param lingerMs For how long it is worth waiting for more, from when the first was added.
   */
  constructor(
    send: (requests: readonly Request[]) => Promise<readonly Answer[]>,
    most: number,
    lingerMs: () => number = () => 0,
  ) {
    this.#send = send;
    this.#most = most;
    this.#lingerMs = lingerMs;
  }

  add(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ request, resolve, reject }) === 1) this.#since = performance.now();
      if (this.#waiting.length >= this.#most) this.#isFull();
      if (!this.#isSending) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isSending = true;
    await nextTurn();
    while (this.#waiting.length > 0) {
      await this.#linger();
      await this.#sendOne(this.#waiting.splice(0, this.#most));
    }
    this.#isSending = false;
  }

  async #linger(): Promise<void> {
    const restMs = this.#since + this.#lingerMs() - performance.now();
    if (restMs <= 0 || this.#waiting.length >= this.#most) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#isFull = resolve;
      timer = setTimeout(resolve, restMs);
    });
    clearTimeout(timer);
  }

  async #sendOne(batch: readonly Waiting<Request, Answer>[]): Promise<void> {
    try {
      const answers = await this.#send(batch.map(({ request }) => request));
      if (answers.length !== batch.length)
        throw new Error(`${batch.length} requests were sent and ${answers.length} answers came`);
      for (const [at, answer] of answers.entries()) batch[at]?.resolve(answer);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
