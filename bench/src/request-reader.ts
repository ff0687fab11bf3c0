const headEnd = '\r\n\r\n';

/** A request that has come whole. */
export interface RawRequest {
  /** Its first line and its headers. */
  readonly head: string;
  readonly body: Buffer;
}

/** Reads requests off one connection. The next one may come only after the answer to the one before. */
export class RequestReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** How long the request is in all; undefined until its headers have come. */
  #wholeBytes: number | undefined;
  #bodyAt = 0;

  /** Answers the request that this chunk completes. */
  write(chunk: Buffer): RawRequest | undefined {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#wholeBytes ??= this.#measure();
    if (this.#wholeBytes === undefined || this.#bytes < this.#wholeBytes) return undefined;
    if (this.#bytes > this.#wholeBytes) throw new Error('a request came before its turn');
    return this.#take();
  }

  #measure(): number | undefined {
    const start = this.#whole();
    const end = start.indexOf(headEnd);
    if (end === -1) return undefined;
    this.#bodyAt = end + headEnd.length;
    const length = /\r\ncontent-length: *(\d+)/i.exec(start.toString('latin1', 0, end))?.[1] ?? '0';
    return this.#bodyAt + Number(length);
  }

  #take(): RawRequest {
    const whole = this.#whole();
    const request = { head: whole.toString('latin1', 0, this.#bodyAt), body: whole.subarray(this.#bodyAt) };
    this.#chunks = [];
    this.#bytes = 0;
    this.#wholeBytes = undefined;
    return request;
  }

  #whole(): Buffer {
    const [first] = this.#chunks;
    return first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
  }
}
