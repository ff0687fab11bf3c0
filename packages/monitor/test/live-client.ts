/** An event as it was heard. */
export interface Heard {
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: each event has data of its own
  readonly data: any;
}

/** Reads server-sent events. */
export class LiveClient {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #heard: Heard[] = [];
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor({ body }: Response) {
    if (body === null) throw new Error('there is no body');
    this.#reader = body.getReader();
  }

  /** The next event that is as wanted; those before it are passed over. Undefined at the end. */
  async next(isWanted: (heard: Heard) => boolean = () => true): Promise<Heard | undefined> {
    for (;;) {
      const heard = this.#heard.shift();
      if (heard === undefined) {
        if (!(await this.#read())) return undefined;
      } else if (isWanted(heard)) return heard;
    }
  }

  /** The next event of a name. */
  nextOf(event: string): Promise<Heard | undefined> {
    return this.next((heard) => heard.event === event);
  }

  /** Whether the stream has come to its end. */
  async ended(): Promise<boolean> {
    while (await this.#read());
    return true;
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (done) return false;
    this.#text += this.#decoder.decode(value, { stream: true });
    const frames = this.#text.split('\n\n');
    this.#text = frames.pop() ?? '';
    for (const frame of frames) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/s.exec(frame) ?? [];
      if (event !== undefined && data !== undefined) this.#heard.push({ event, data: JSON.parse(data) });
    }
    return true;
  }
}
