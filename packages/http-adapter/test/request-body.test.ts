import { describe, expect, it } from 'vitest';

import type { HttpRequest } from '../src/http-exchange.ts';
import { readBody } from '../src/request-body.ts';

const limits = { maxBodyBytes: 10, bodyTimeoutMs: 10_000 };

class Chunks implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #chunks: (string | Promise<never>)[];
  pulled = 0;
  left = 0;
  #leave: () => void = () => {};

  constructor(...chunks: (string | Promise<never>)[]) {
    this.#chunks = chunks;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#chunks[this.pulled];
    this.pulled += 1;
    if (typeof chunk === 'string') return { done: false, value: Buffer.from(chunk) };
    const left = new Promise<undefined>((resolve) => {
      this.#leave = () => resolve(undefined);
    });
    if (chunk !== undefined) await Promise.race([chunk, left]);
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.left += 1;
    this.#leave();
    return { done: true, value: undefined };
  }
}

const request = (body: Chunks, contentLength?: string): HttpRequest => ({
  method: 'POST',
  path: '/',
  query: '',
  host: '',
  remoteAddress: undefined,
  signal: new AbortController().signal,
  header: (name) => (name === 'content-length' ? contentLength : undefined),
  body: () => body,
  toRequest: () => new Request('http://localhost/', { method: 'POST' }),
});

const never = (): Promise<never> => new Promise(() => {});

describe('a request body', () => {
  it('is read whole, up to its limit', async () => {
    const body = await readBody(request(new Chunks('12345', '', '67890')), limits);
    expect(Buffer.from(body).toString()).toBe('1234567890');
  });

  it('is not touched when it announces too much', async () => {
    const chunks = new Chunks('1');
    await expect(readBody(request(chunks, '11'), limits)).rejects.toMatchObject({ kind: 'tooLarge' });
    expect(chunks.pulled).toBe(0);
  });

  it('is left at the first chunk too many', async () => {
    const chunks = new Chunks('12345', '678901', 'never asked for');
    await expect(readBody(request(chunks), limits)).rejects.toMatchObject({ kind: 'tooLarge' });
    expect(chunks).toMatchObject({ pulled: 2, left: 1 });
  });

  it('is left when it takes too long, however steadily it drips', async () => {
    const chunks = new Chunks('1', '2', never());
    const reading = readBody(request(chunks), { ...limits, bodyTimeoutMs: 30 });
    await expect(reading).rejects.toMatchObject({ kind: 'timeout' });
    expect(chunks.left).toBeGreaterThan(0);
  });

  it('that breaks off is a bad request, not a fault of ours', async () => {
    const chunks = new Chunks('1', Promise.reject(new Error('ECONNRESET')));
    await expect(readBody(request(chunks), limits)).rejects.toMatchObject({ kind: 'badRequest' });
  });
});
