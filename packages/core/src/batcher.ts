import { setImmediate as nextTurn } from 'node:timers/promises';

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Shares calls: what is added in one turn of the event loop goes together, and so does what is added while a call is
 * on its way. Answers come back to each adder; when a call rejects, so does everything that went with it.
 */
export class Batcher<Request, Answer> {
  readonly #send: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  readonly #most: number;
  readonly #waiting: Waiting<Request, Answer>[] = [];
  #sending = false;

  /**
   * @param send Answers in the order of the requests.
   * @param most At most so many requests go in one call.
   */
  constructor(send: (requests: readonly Request[]) => Promise<readonly Answer[]>, most: number) {
    this.#send = send;
    this.#most = most;
  }

  add(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      if (!this.#sending) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#sending = true;
    await nextTurn();
    while (this.#waiting.length > 0) await this.#sendOne(this.#waiting.splice(0, this.#most));
    this.#sending = false;
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
