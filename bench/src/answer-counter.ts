import { connect, type Socket } from 'node:net';

/** When an answer came, in milliseconds from its request, and how long its body is. */
export interface Counted {
  /** To the first byte of the body, or to the end of the head where there is none. */
  readonly firstMs: number;
  readonly wholeMs: number;
  readonly bytes: number;
}

interface Waiting {
  readonly begunAt: number;
  readonly resolve: (counted: Counted) => void;
  readonly reject: (error: Error) => void;
}

/** What of an answer comes next (RFC 9112 §2.1, §7.1). All but the body are lines. */
type Part = 'status line' | 'header' | 'body' | 'chunk size' | 'chunk' | 'chunk end' | 'trailer';

const pieceBytes = 64 * 1024;
const lineFeed = 0x0a;

/**
 * Asks for one thing after the other on one connection, and counts what comes. It is all read into one piece of memory and
 * nothing is made of it: a client of `node:http` takes as much CPU for a long answer as whoever answers it, and on two
 * cores what it takes is missing there. What it cannot count ends it: from then on each `ask` rejects with the reason.
 */
export class AnswerCounter {
  readonly #request: string;
  readonly #socket: Socket;
  readonly #piece = Buffer.alloc(pieceBytes);
  #waiting: Waiting | undefined;
  #error: Error | undefined;
  #part: Part = 'status line';
  /** What has come of a line. */
  #line = '';
  #isChunked = false;
  #length: number | undefined;
  /** Of the body or of a chunk. */
  #missing = 0;
  #bytes = 0;
  #firstAt: number | undefined;

  constructor(url: string) {
    const { hostname, port, host, pathname, search } = new URL(url);
    this.#request = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n\r\n`;
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
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server has closed the connection')));
  }

  /** Rejects when the answer is not one of 200 that tells where it ends, and when the connection is gone. */
  ask(): Promise<Counted> {
    if (this.#waiting !== undefined) return Promise.reject(new Error('an answer is still on its way'));
    if (this.#error !== undefined) return Promise.reject(this.#error);
    this.#part = 'status line';
    this.#isChunked = false;
    this.#length = undefined;
    this.#bytes = 0;
    this.#firstAt = undefined;
    return new Promise((resolve, reject) => {
      this.#waiting = { begunAt: performance.now(), resolve, reject };
      this.#socket.write(this.#request);
    });
  }

  /** Who still waits for an answer is rejected. */
  close(): void {
    this.#fail(new Error('the counter was closed'));
  }

  #fail(error: Error): void {
    this.#error ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#socket.destroy();
    waiting?.reject(this.#error);
  }

  #finish(): void {
    if (this.#waiting === undefined) return;
    const { begunAt, resolve } = this.#waiting;
    this.#waiting = undefined;
    const now = performance.now();
    resolve({ firstMs: (this.#firstAt ?? now) - begunAt, wholeMs: now - begunAt, bytes: this.#bytes });
  }

  #take(count: number): void {
    try {
      let at = 0;
      while (at < count) {
        if (this.#waiting === undefined) throw new Error('more came than was asked for');
        const isBody = this.#part === 'body' || this.#part === 'chunk';
        at = isBody ? this.#takeBody(at, count) : this.#takeLine(at, count);
      }
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #takeLine(at: number, count: number): number {
    const length = this.#piece.subarray(at, count).indexOf(lineFeed);
    const endsAt = length === -1 ? count : at + length;
    this.#line += this.#piece.toString('latin1', at, endsAt);
    if (length === -1) return count;
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    this.#readLine(line);
    return endsAt + 1;
  }

  #takeBody(at: number, count: number): number {
    this.#firstAt ??= performance.now();
    const taken = Math.min(this.#missing, count - at);
    this.#missing -= taken;
    if (this.#missing === 0) {
      if (this.#part === 'body') this.#finish();
      else this.#part = 'chunk end';
    }
    return at + taken;
  }

  #readLine(line: string): void {
    switch (this.#part) {
      case 'status line':
        if (!line.startsWith('HTTP/1.1 200 ')) throw new Error(`the answer is ${line}`);
        this.#part = 'header';
        return;
      case 'header':
        if (line === '') this.#beginBody();
        else this.#readHeader(line);
        return;
      case 'chunk size':
        this.#readChunkSize(line);
        return;
      case 'chunk end':
        if (line !== '') throw new Error('a chunk is longer than its size');
        this.#part = 'chunk size';
        return;
      case 'trailer':
        if (line === '') this.#finish();
    }
  }

  #readHeader(line: string): void {
    const [, name = '', value = ''] = /^([^:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    switch (name.toLowerCase()) {
      case 'transfer-encoding':
        if (value.toLowerCase() !== 'chunked') throw new Error(`the answer is encoded as ${value}`);
        this.#isChunked = true;
        return;
      case 'content-length':
        if (!/^\d+$/.test(value)) throw new Error(`the answer is as long as ${value}`);
        this.#length = Number(value);
    }
  }

  /** Where an answer has both, its chunks rule (RFC 9112 §6.3). */
  #beginBody(): void {
    if (this.#isChunked) {
      this.#part = 'chunk size';
      return;
    }
    if (this.#length === undefined) throw new Error('the answer does not tell where it ends');
    this.#part = 'body';
    this.#missing = this.#length;
    this.#bytes = this.#length;
    if (this.#length === 0) this.#finish();
  }

  #readChunkSize(line: string): void {
    const digits = /^([\da-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
    if (digits === undefined) throw new Error(`the size of a chunk is ${line}`);
    this.#missing = Number.parseInt(digits, 16);
    this.#bytes += this.#missing;
    this.#part = this.#missing === 0 ? 'trailer' : 'chunk';
  }
}
