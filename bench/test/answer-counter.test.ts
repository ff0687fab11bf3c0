import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import { AnswerCounter } from '../src/answer-counter.ts';

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

/** Answers a request on a connection, the first being 0. */
type Answering = (socket: Socket, request: string, number: number) => unknown;

const closing: (() => unknown)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

describe('AnswerCounter', () => {
  it('counts a body that has a length, and the next one on the same connection', async () => {
    const counter = await counting((socket, _, number) =>
      socket.write(`${ok}content-length: ${number + 4}\r\n\r\n${'b'.repeat(number + 4)}`),
    );
    const { firstMs, wholeMs, bytes } = await counter.ask();
    expect(bytes).toBe(4);
    expect(firstMs).toBeGreaterThan(0);
    expect(wholeMs).toBeGreaterThanOrEqual(firstMs);
    expect((await counter.ask()).bytes).toBe(5);
  });

  it('counts bodies that are longer than what it reads at once', async () => {
    const long = 'b'.repeat(200_000);
    const counter = await counting((socket, _, number) =>
      socket.write(
        number === 0
          ? `${ok}content-length: 200000\r\n\r\n${long}`
          : `${chunked}30d40\r\n${long}\r\n30d40\r\n${long}\r\n0\r\n\r\n`,
      ),
    );
    expect((await counter.ask()).bytes).toBe(200_000);
    expect((await counter.ask()).bytes).toBe(400_000);
  });

  it.each([
    ['a length', `${ok}Date: now\r\nContent-Length: 5\r\n\r\nhello`],
    ['chunks', `${chunked}5;name=value\r\nhello\r\nA\r\n to you al\r\n0\r\n\r\n`],
    ['a trailer', `${chunked}5\r\nhello\r\n0\r\nchecksum: 12\r\n\r\n`],
  ])('counts the same wherever an answer with %s is split', async (_, answer) => {
    const counter = await counting(async (socket, _, number) => {
      socket.write(answer.slice(0, number));
      await turn();
      socket.write(answer.slice(number));
    });
    const sizes = new Set<number>();
    for (let splitAt = 0; splitAt < answer.length; splitAt += 1) sizes.add((await counter.ask()).bytes);
    expect([...sizes]).toEqual([answer.includes('al\r\n') ? 15 : 5]);
  });

  it.each([
    ['a length of 0', `${ok}content-length: 0\r\n\r\n`],
    ['no chunk', `${chunked}0\r\n\r\n`],
  ])('counts an empty body with %s', async (_, answer) => {
    const counter = await counting((socket) => socket.write(answer));
    for (const { firstMs, wholeMs, bytes } of [await counter.ask(), await counter.ask()]) {
      expect(bytes).toBe(0);
      expect(firstMs).toBe(wholeMs);
    }
  });

  it('asks with the query of the URL', async () => {
    const requests: string[] = [];
    const counter = await counting(
      (socket, request) => {
        requests.push(request);
        socket.write(`${ok}content-length: 0\r\n\r\n`);
      },
      { path: '/jobs?from=2&to=3' },
    );
    await counter.ask();
    expect(requests).toEqual([expect.stringMatching(/^GET \/jobs\?from=2&to=3 HTTP\/1\.1\r\n/)]);
  });

  it.each([
    ['is not one of 200', 'HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno', 'HTTP/1.1 404 Not Found'],
    ['tells no end', `${ok}date: now\r\n\r\nhello`, 'does not tell where it ends'],
    ['is encoded otherwise', `${ok}transfer-encoding: gzip\r\n\r\nhello`, 'encoded as gzip'],
    ['has a length that is no number', `${ok}content-length: many\r\n\r\nhello`, 'as long as many'],
    ['has a chunk size that is no number', `${chunked}xyz\r\nhello\r\n0\r\n\r\n`, 'size of a chunk is xyz'],
    ['has a chunk without a size', `${chunked}\r\nhello\r\n0\r\n\r\n`, 'size of a chunk is'],
    ['has a chunk that is too long', `${chunked}2\r\nhello\r\n0\r\n\r\n`, 'a chunk is longer than its size'],
  ])('rejects an answer that %s, and all that is asked after it', async (_, answer, reason) => {
    const counter = await counting((socket) => socket.write(answer));
    await expect(counter.ask()).rejects.toThrow(reason);
    await expect(counter.ask()).rejects.toThrow(reason);
  });

  it('rejects what is asked after an answer that is longer than it says', async () => {
    const counter = await counting((socket) => socket.write(`${ok}content-length: 2\r\n\r\nhello`));
    expect((await counter.ask()).bytes).toBe(2);
    await expect(counter.ask()).rejects.toThrow('more came than was asked for');
  });

  it('rejects when the server closes in the middle of an answer', async () => {
    const counter = await counting((socket) => socket.end(`${ok}content-length: 9\r\n\r\nhello`));
    await expect(counter.ask()).rejects.toThrow('the server has closed the connection');
  });

  it('rejects when the server has closed between two answers', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const counter = await counting((socket) => {
      socket.once('close', () => resolve());
      socket.end(`${ok}content-length: 2\r\n\r\nhi`);
    });
    await counter.ask();
    await closed;
    await turn();
    await expect(counter.ask()).rejects.toThrow();
    await expect(counter.ask()).rejects.toThrow();
  });

  it('rejects when nobody listens, as often as it is asked', async () => {
    const server = createServer();
    const url = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const counter = counterOf(url);
    await expect(counter.ask()).rejects.toThrow('ECONNREFUSED');
    await expect(counter.ask()).rejects.toThrow('ECONNREFUSED');
  });

  it('rejects who waits for an answer when it is closed, and who asks then', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const counter = await counting(() => resolve());
    const answer = counter.ask();
    const rejected = expect(answer).rejects.toThrow('the counter was closed');
    await asked;
    counter.close();
    await rejected;
    await expect(counter.ask()).rejects.toThrow('the counter was closed');
  });

  it('rejects a second question while the first is not answered, which it then answers', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<Socket>();
    const counter = await counting((socket) => resolve(socket));
    const first = counter.ask();
    await expect(counter.ask()).rejects.toThrow('an answer is still on its way');
    (await asked).write(`${ok}content-length: 2\r\n\r\nhi`);
    expect((await first).bytes).toBe(2);
  });
});

/** A counter of what a server answers that writes bytes as they are. */
async function counting(
  answer: Answering,
  { path = '/' }: { readonly path?: string } = {},
): Promise<AnswerCounter> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let number = -1;
    socket.on('error', () => {});
    socket.on('data', (request) => {
      number += 1;
      answer(socket, request.toString(), number);
    });
  });
  const url = await listening(server);
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return counterOf(url + path);
}

function counterOf(url: string): AnswerCounter {
  const counter = new AnswerCounter(url);
  closing.push(() => counter.close());
  return counter;
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
