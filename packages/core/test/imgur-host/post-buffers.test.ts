import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

import { buildConnector, type Dispatcher } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';

import { type ExchangeRequest, exchange } from '../../src/imgur-host/exchange.ts';
import { PostBuffers } from '../../src/imgur-host/post-buffers.ts';
import { type ImgurRoute, sendImage } from '../../src/imgur-host/send-image.ts';
import { WatchingHandler, watchedAgent } from '../../src/imgur-host/watched-client.ts';

const mebibyte = 1024 * 1024;
const reply = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

function agentOf(connections: number) {
  const agent = watchedAgent({ connections, allowH2: false, connect: buildConnector({ allowH2: false }) });
  onTestFinished(() => agent.destroy());
  return agent;
}

async function listen(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { readonly port: number }).port}`;
}

function routeTo(origin: string): ImgurRoute {
  const times = { headersTimeoutMs: 10_000, idleTimeoutMs: 10_000, now: () => performance.now() };
  return { origin, path: '', headers: { accept: 'application/json' }, ...times };
}

const { signal } = new AbortController();
const imageOf = (fill: number, bytes: number) => ({
  type: 'image/png',
  bytes,
  body: [Buffer.alloc(bytes, fill)],
  dispose: () => {},
});

class CountedBuffers extends PostBuffers {
  givenBack = 0;

  override giveBack(buffer: Buffer): void {
    this.givenBack += 1;
    super.giveBack(buffer);
  }
}

/** What comes of bytes from 128 on, of which all pictures are here and nothing around them is. */
async function bytesOfPictures(socket: Socket, bytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let gotBytes = 0;
  for await (const chunk of socket) {
    const part = (chunk as Buffer).filter((byte) => byte >= 128);
    parts.push(part);
    gotBytes += part.length;
    if (gotBytes >= bytes) break;
  }
  return Buffer.concat(parts);
}

describe('memory that pictures are posted from', () => {
  test('is used again, and is at least as large as was asked for', () => {
    const buffers = new PostBuffers();
    const [small, large] = [buffers.take(50_000), buffers.take(200_000)];
    expect([small.length, large.length]).toEqual([65_536, 262_144]);
    buffers.giveBack(large);
    buffers.giveBack(small);
    expect(buffers.take(65_536)).toBe(small);
    expect(buffers.take(65_537)).not.toBe(large);
    expect(buffers.take(140_000)).toBe(large);
  });

  test('is not kept without an end', () => {
    const buffers = new PostBuffers();
    const taken = Array.from({ length: 130 }, () => buffers.take(262_144));
    for (const buffer of taken) buffers.giveBack(buffer);
    const again = Array.from({ length: 130 }, () => buffers.take(262_144));
    expect(again.filter((buffer) => taken.includes(buffer))).toHaveLength(128);
  });

  test('is used again for the next picture, whose bytes are all its own', async () => {
    const bodies: Buffer[] = [];
    const origin = await listen((socket) => {
      let chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        const whole = Buffer.concat(chunks);
        const end = whole.indexOf('--\r\n');
        if (end < 0) return;
        bodies.push(whole);
        chunks = [];
        socket.write(reply);
      });
    });
    const sender = { dispatcher: agentOf(1), buffers: new PostBuffers() };
    const first = sender.buffers.take(1);
    sender.buffers.giveBack(first);
    for (const [fill, bytes] of [
      [1, 50_000],
      [2, 40_000],
      [3, 45_000],
    ] as const)
      await sendImage(sender, routeTo(origin), imageOf(fill, bytes), { signal });
    expect(sender.buffers.take(1)).toBe(first);
    const counted = bodies.map((body) =>
      [1, 2, 3].map((fill) => body.filter((byte) => byte === fill).length),
    );
    expect(counted).toEqual([
      [50_000, 0, 0],
      [0, 40_000, 0],
      [0, 0, 45_000],
    ]);
  });

  test('is left alone while it waits for a host that answers without reading', async () => {
    const peer = Promise.withResolvers<Socket>();
    const origin = await listen((socket) => peer.resolve(socket.pause()));
    const buffers = new CountedBuffers();
    const sender = { dispatcher: agentOf(1), buffers };
    const onProgress = () => void peer.promise.then((socket) => socket.write(reply));
    const pictures: Buffer[] = [];
    // Until the system takes no more of them, and two after that, which would be the next to use memory again.
    while (pictures.length - buffers.givenBack < 3 && pictures.length < 100) {
      const image = imageOf(128 + pictures.length, 250_000);
      pictures.push(...image.body);
      await sendImage(sender, routeTo(origin), image, { signal, onProgress });
    }
    const sent = Buffer.concat(pictures);
    const received = await bytesOfPictures(await peer.promise, sent.length);
    expect(received.equals(sent)).toBe(true);
    expect(pictures.length - buffers.givenBack).toBe(3);
  });

  test.each([
    ['is given back when its reply is there and all of it has left', true, 'sent', 1],
    ['is left alone as long as the system may read it', false, 'sent', 0],
    ['is left alone when the reply came before the picture had left', true, 'early', 0],
    ['is left alone when the connection breaks', true, 'broken', 0],
  ] as const)('%s', async (_, hasWrittenAll, course, times) => {
    let written = 0;
    const dispatcher = {
      dispatch(_options: unknown, handler: Dispatcher.DispatchHandler & WatchingHandler) {
        const controller = { abort: () => {} } as unknown as Dispatcher.DispatchController;
        handler.goesBy({ hasWrittenAll });
        handler.onRequestStart?.(controller, {});
        if (course !== 'early') handler.onRequestSent?.();
        if (course === 'broken') handler.onResponseError?.(controller, new Error('broken'));
        handler.onResponseStart?.(controller, 200, {}, 'OK');
        handler.onResponseEnd?.(controller, {});
        return true;
      },
    } as unknown as Dispatcher;
    const request: ExchangeRequest = {
      ...routeTo('http://127.0.0.1:1'),
      method: 'POST',
      body: Buffer.from('picture'),
      carriesImage: true,
      signal,
      onWritten: () => {
        written += 1;
      },
    };
    await exchange(dispatcher, request).catch(() => {});
    expect(written).toBe(times);
  });
});

test('a connection knows that not all has left while its host reads nothing', async () => {
  const origin = await listen((socket) => socket.pause());
  const sent = Promise.withResolvers<boolean>();
  class Watcher extends WatchingHandler implements Dispatcher.DispatchHandler {
    #hasWrittenAll = (): boolean => true;

    goesBy(connection: { readonly hasWrittenAll: boolean }): void {
      this.#hasWrittenAll = () => connection.hasWrittenAll;
    }

    onRequestStart(): void {}

    onRequestSent(): void {
      // After the turn in which it was written, of which the system took what it had room for.
      setImmediate(() => sent.resolve(this.#hasWrittenAll()));
    }

    onResponseStart(): void {}

    onResponseData(): void {}

    onResponseEnd(): void {}

    onResponseError(_: unknown, error: Error): void {
      sent.reject(error);
    }
  }
  const body = Buffer.alloc(32 * mebibyte);
  const headers = { 'content-length': String(body.length) };
  agentOf(1).dispatch({ origin, path: '/', method: 'POST', headers, body }, new Watcher());
  expect(await sent.promise).toBe(false);
});

test('a request that is aborted while it waits leaves the connection to those after it', async () => {
  let connections = 0;
  const origin = await listen((socket) => {
    connections += 1;
    socket.on('data', (chunk) => chunk.includes('--\r\n') && socket.write(reply));
  });
  const sender = { dispatcher: agentOf(1), buffers: new PostBuffers() };
  const send = (options = { signal }) => sendImage(sender, routeTo(origin), imageOf(1, 1_000), options);
  const running = send();
  const aborting = new AbortController();
  const waiting = send(aborting);
  const next = send();
  aborting.abort(new Error('not wanted'));
  await expect(waiting).rejects.toThrow('not wanted');
  await Promise.all([running, next]);
  expect(connections).toBe(1);
});
