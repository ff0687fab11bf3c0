import { connect, type Socket } from 'node:net';

/** When an answer came, in milliseconds from its request, and how long its body is. */
export interface Counted {
  readonly firstMs: number;
  readonly wholeMs: number;
  readonly bytes: number;
}

interface Waiting {
  readonly begunAt: number;
  readonly resolve: (counted: Counted) => void;
  readonly reject: (error: Error) => void;
}

const pieceBytes = 64 * 1024;

/**
 * Asks for one thing after the other on one connection, and counts what comes. It is all read into one piece of memory and
 * nothing is made of it: a client of `node:http` takes as much CPU for a long answer as whoever answers it, and on two
 * cores what it takes is missing there.
 */
export class AnswerCounter {
  readonly #request: string;
  readonly #socket: Socket;
  readonly #piece = Buffer.alloc(pieceBytes);
  #waiting: Waiting | undefined;
  /** What has come of a head or of the line before a chunk. */
  #text = '';
  #isHead = true;
  #isChunked = false;
  #isLast = false;
  /** Of the body or of a chunk. */
  #missing = 0;
  #bytes = 0;
  #firstMs = Number.NaN;

  constructor(url: string) {
    const { hostname, port, host, pathname } = new URL(url);
    this.#request = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n\r\n`;
    const callback = (count: number): boolean => {
      this.#take(count);
      return true;
    };
    this.#socket = connect({
      port: Number(port),
      host: hostname,
      noDelay: true,
      onread: { buffer: this.#piece, callback },
    });
    this.#socket.on('error', (error) => this.#waiting?.reject(error));
    this.#socket.on('close', () => this.#waiting?.reject(new Error('the server has closed the connection')));
  }

  ask(): Promise<Counted> {
    this.#isHead = true;
    this.#isLast = false;
    this.#bytes = 0;
    this.#firstMs = Number.NaN;
    return new Promise((resolve, reject) => {
      this.#waiting = { begunAt: performance.now(), resolve, reject };
      this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(count: number): void {
    let at = 0;
    while (at < count && this.#waiting !== undefined)
      if (this.#isHead) at = this.#takeText(at, count, '\r\n\r\n', (text) => this.#readHead(text));
      else if (this.#missing === 0)
        at = this.#takeText(at, count, '\r\n', (text) => this.#readChunkSize(text));
      else at = this.#takeBody(at, count);
  }

  /** Answers where what ends so has ended. */
  #takeText(at: number, count: number, end: string, read: (text: string) => void): number {
    this.#text += this.#piece.toString('latin1', at, count);
    const endsAt = this.#text.indexOf(end);
    if (endsAt === -1) return count;
    const next = count - (this.#text.length - endsAt - end.length);
    const text = this.#text.slice(0, endsAt);
    this.#text = '';
    read(text);
    return next;
  }

  #readHead(head: string): void {
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    this.#isHead = false;
    this.#isChunked = length === undefined;
    this.#isLast = !this.#isChunked;
    this.#missing = Number(length ?? 0);
    this.#bytes = this.#missing;
    if (!head.startsWith('HTTP/1.1 200 ')) this.#waiting?.reject(new Error(`the answer is ${head}`));
  }

  /** A chunk ends with a line end, as does the last one, which is empty (RFC 9112 §7.1). */
  #readChunkSize(line: string): void {
    const size = Number.parseInt(line, 16);
    this.#isLast = size === 0;
    this.#missing = size + 2;
    this.#bytes += size;
  }

  #takeBody(at: number, count: number): number {
    if (this.#waiting === undefined) return count;
    const sinceMs = performance.now() - this.#waiting.begunAt;
    if (Number.isNaN(this.#firstMs)) this.#firstMs = sinceMs;
    const taken = Math.min(this.#missing, count - at);
    this.#missing -= taken;
    if (this.#missing === 0 && this.#isLast) {
      this.#waiting.resolve({ firstMs: this.#firstMs, wholeMs: sinceMs, bytes: this.#bytes });
      this.#waiting = undefined;
    }
    return at + taken;
  }
}
