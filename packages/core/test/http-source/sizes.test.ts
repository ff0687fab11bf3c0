import type { Socket } from 'node:net';

import { describe, expect, test } from 'vitest';

import { gifOf, jpegOf, mp4Of, pngOf } from './images.ts';
import { bytesOf, failureOf, nextTurn, open, serve, serveRaw, sourceOf } from './loopback.ts';

const capBytes = 1_000_000;

/** Writes the head of an answer without a length, then the body in chunks of HTTP or until the end. */
const unsized = {
  chunked: (socket: Socket, body: Buffer) =>
    socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`) &&
    socket.write(body) &&
    socket.end('\r\n0\r\n\r\n'),
  'until the end': (socket: Socket, body: Buffer) =>
    socket.write('HTTP/1.1 200 OK\r\n\r\n') && socket.end(body),
  'until the end, in HTTP/1.0': (socket: Socket, body: Buffer) =>
    socket.write('HTTP/1.0 200 OK\r\n\r\n') && socket.end(body),
};
const framings = Object.entries(unsized);

/** Writes for as long as somebody reads, and answers how much that was. */
function writeForever(socket: Socket, chunk: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
}

describe('a body with a length', () => {
  test.each([100, 4_096, 262_144])('of %i bytes is held as chunks that can be sent again', async (bytes) => {
    const server = await serve((_, response) => response.end(pngOf(bytes)));
    const image = await open(sourceOf(), server.url);
    expect(Array.isArray(image.body)).toBe(true);
    expect(image.bytes).toBe(bytes);
    expect(await bytesOf(image)).toEqual(pngOf(bytes));
    image.dispose();
    expect(await bytesOf(image)).toEqual(pngOf(bytes));
  });

  test.each([262_145, capBytes])('of %i bytes streams, once', async (bytes) => {
    const server = await serve((_, response) => response.end(pngOf(bytes)));
    const image = await open(sourceOf(), server.url);
    expect(Array.isArray(image.body)).toBe(false);
    expect(image.bytes).toBe(bytes);
    expect(await bytesOf(image)).toEqual(pngOf(bytes));
    await expect(bytesOf(image)).rejects.toThrow('only once');
  });

  test('above the largest cap is refused before it is read', async () => {
    const server = await serveRaw((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 200000001\r\n\r\n'),
    );
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.retry]).toEqual(['too_large', 'never']);
    expect(failure.message).toBe(
      'the image has 200000001 bytes; 200000000 bytes are the most that are taken',
    );
    await server.idle();
  });

  test('above the cap of its type is refused at its first bytes', async () => {
    const server = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${capBytes + 1}\r\n\r\n`);
      socket.write(pngOf(5_000));
    });
    expect((await failureOf(open(sourceOf(), server.url))).code).toBe('too_large');
    await server.idle();
  });

  test('that is longer than that is cut there, and its connection is not used again', async () => {
    const png = pngOf();
    const server = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${png.length}\r\n\r\n`);
      socket.write(Buffer.concat([png, Buffer.from('<script>')]));
    });
    expect(await bytesOf(await open(sourceOf(), server.url))).toEqual(png);
    await server.idle();
  });

  test.each([
    ['keep-alive', ''],
    ['close', 'connection: close\r\n'],
  ])('that ends early is truncated: small, %s', async (_, header) => {
    const server = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${header}content-length: 6000\r\n\r\n`);
      socket.end(pngOf(5_999));
    });
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.retry]).toEqual(['truncated', 'soon']);
  });

  test.each([
    ['keep-alive', ''],
    ['close', 'connection: close\r\n'],
  ])('that ends early throws from its stream: %s', async (_, header) => {
    const server = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${header}content-length: 900000\r\n\r\n`);
      socket.end(pngOf(899_999));
    });
    const image = await open(sourceOf(), server.url);
    expect((await failureOf(bytesOf(image))).code).toBe('truncated');
  });

  test('that is reset throws from its stream', async () => {
    let reset = (): void => {};
    const server = await serveRaw((socket) => {
      reset = () => void socket.resetAndDestroy();
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n');
      socket.write(pngOf(10_000));
    });
    const image = await open(sourceOf(), server.url);
    const reading = (async () => {
      let bytes = 0;
      for await (const chunk of image.body) {
        bytes += chunk.length;
        // Not before all of it has been read: a reset overtakes what is on its way.
        if (bytes === 10_000) reset();
      }
    })();
    expect((await failureOf(reading)).code).toBe('source_unreachable');
  });
});

describe('a body without a length', () => {
  test.each(framings)('is held, and its size is known: %s', async (_, write) => {
    for (const body of [pngOf(), pngOf(500_000), jpegOf(), gifOf()]) {
      const server = await serveRaw((socket) => void write(socket, body));
      const image = await open(sourceOf(), server.url);
      expect([image.bytes, Array.isArray(image.body)]).toEqual([body.length, true]);
      expect(await bytesOf(image)).toEqual(body);
    }
  });

  test.each(framings)('of exactly the cap is taken, and of one byte more is not: %s', async (_, write) => {
    for (const more of [0, 1]) {
      const server = await serveRaw((socket) => void write(socket, pngOf(capBytes + more)));
      const outcome = open(sourceOf(), server.url);
      if (more === 0) expect((await outcome).bytes).toBe(capBytes);
      else expect((await failureOf(outcome)).code).toBe('too_large');
    }
  });

  test('that never ends is cut at the cap', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.write(pngOf(60_000).subarray(0, 50_000));
      writeForever(socket, Buffer.alloc(65_536, 7));
    });
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.message]).toEqual([
      'too_large',
      `the image has more than ${capBytes} bytes; ${capBytes} bytes are the most that are taken`,
    ]);
    await server.idle();
    expect(server.sockets[0]?.bytesWritten).toBeLessThan(12 * capBytes);
  });

  test.each([
    ['png', pngOf(300_000)],
    ['jpeg with a whole thumbnail', jpegOf(9_000)],
    ['gif', gifOf()],
  ])('that ends early is told by its own end mark: %s', async (_, body) => {
    for (const [, write] of framings) {
      const server = await serveRaw((socket) => void write(socket, body.subarray(0, -3)));
      const failure = await failureOf(open(sourceOf(), server.url));
      expect([failure.code, failure.retry]).toEqual(['truncated', 'soon']);
    }
  });

  test('whose last chunk never comes is truncated', async () => {
    for (const header of ['', 'connection: close\r\n']) {
      const server = await serveRaw((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${header}transfer-encoding: chunked\r\n\r\n64\r\n`);
        socket.write(pngOf(100));
        socket.end('\r\n');
      });
      expect((await failureOf(open(sourceOf(), server.url))).code).toBe('truncated');
    }
  });

  test('in chunks of one byte is held in blocks, not in thousands of pieces', async () => {
    const png = pngOf(50_000);
    const pieces = Buffer.concat(Array.from(png, (byte) => Buffer.from([0x31, 13, 10, byte, 13, 10])));
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      socket.write(pieces);
      socket.end('0\r\n\r\n');
    });
    const image = await open(sourceOf(), server.url);
    expect(await bytesOf(image)).toEqual(png);
    expect((image.body as readonly Uint8Array[]).length).toBeLessThan(10);
  });
});

describe('bytes that are held', () => {
  /** Serves a PNG of 400,000 bytes without a length, as far as the test lets it. */
  async function serveInTwoSteps(): Promise<{
    url: string;
    started: () => Promise<void>;
    finish: () => void;
  }> {
    const body = pngOf(400_000);
    const waiting: Socket[] = [];
    let arrived = (): void => {};
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.write(body.subarray(0, 300_000), () => {
        waiting.push(socket);
        arrived();
      });
    });
    const started = (): Promise<void> =>
      new Promise((resolve) => {
        arrived = resolve;
      });
    const finish = (): void => void waiting.shift()?.end(body.subarray(300_000));
    return { url: server.url, started, finish };
  }

  test('are reserved for the whole cap at once, first come, first served, and given back when the size is known', async () => {
    const source = sourceOf({ maxHeldBytes: capBytes + 500_000 });
    const slow = await serveInTwoSteps();
    const begun = slow.started();
    const first = open(source, slow.url);
    await begun;
    const fast = await serveRaw((socket) => void unsized['until the end'](socket, pngOf(600_000)));
    const order: string[] = [];
    const second = open(source, fast.url).finally(() => order.push('second'));
    while (fast.sockets.length === 0) await nextTurn();
    const third = open(source, fast.url).finally(() => order.push('third'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(order).toEqual([]);
    slow.finish();
    expect((await first).bytes).toBe(400_000);
    expect((await second).bytes).toBe(600_000);
    expect(order).toEqual(['second']);
    (await first).dispose();
    (await second).dispose();
    expect((await third).bytes).toBe(600_000);
  });

  test('are waited for without counting as idle time or against the total', async () => {
    const source = sourceOf({ maxHeldBytes: capBytes, idleTimeoutMs: 100, totalTimeoutMs: 200 });
    const server = await serveRaw((socket) => void unsized['until the end'](socket, pngOf(600_000)));
    const first = await open(source, server.url);
    const second = open(source, server.url);
    await new Promise((resolve) => setTimeout(resolve, 250));
    first.dispose();
    expect((await second).bytes).toBe(600_000);
  });

  test('are not needed by small bodies', async () => {
    const source = sourceOf({ maxHeldBytes: capBytes });
    const large = await serveRaw((socket) => void unsized['until the end'](socket, pngOf(600_000)));
    const small = await serveRaw((socket) => void unsized.chunked(socket, pngOf(50_000)));
    await open(source, large.url);
    expect((await open(source, small.url)).bytes).toBe(50_000);
  });

  test('are given back by images that fail', async () => {
    const source = sourceOf({ maxHeldBytes: capBytes });
    const broken = await serveRaw(
      (socket) => void unsized['until the end'](socket, pngOf(600_000).subarray(0, -1)),
    );
    const whole = await serveRaw((socket) => void unsized['until the end'](socket, pngOf(600_000)));
    for (let count = 0; count < 3; count += 1)
      expect((await failureOf(open(source, broken.url))).code).toBe('truncated');
    expect((await open(source, whole.url)).bytes).toBe(600_000);
  });

  test('stop being waited for when the signal aborts, and the connection ends', async () => {
    const source = sourceOf({ maxHeldBytes: capBytes });
    const server = await serveRaw((socket) => void unsized['until the end'](socket, pngOf(600_000)));
    const first = await open(source, server.url);
    const aborter = new AbortController();
    const second = open(source, server.url, { signal: aborter.signal });
    while (server.sockets.length < 2) await nextTurn();
    await new Promise((resolve) => setTimeout(resolve, 30));
    aborter.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    first.dispose();
    await server.idle();
    expect((await open(source, server.url)).bytes).toBe(600_000);
  });

  test('bound a body more tightly than the host where there are fewer', async () => {
    const source = sourceOf({ maxHeldBytes: 400_000 });
    const server = await serveRaw((socket) => void unsized['until the end'](socket, pngOf(600_000)));
    expect((await failureOf(open(source, server.url))).message).toContain('400000 bytes are the most');
  });
});

describe('a streamed body', () => {
  test('waits for its reader: a hundred megabytes pass through a few', async () => {
    const bytes = 100_000_000;
    let sentBytes = 0;
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': bytes });
      response.write(mp4Of(1_000));
      sentBytes = 1_000;
      const chunk = Buffer.alloc(100_000, 1);
      const more = (): void => {
        while (sentBytes < bytes) {
          const size = Math.min(chunk.length, bytes - sentBytes);
          sentBytes += size;
          if (!response.write(chunk.subarray(0, size))) return;
        }
        response.end();
      };
      response.on('drain', more);
      more();
    });
    const image = await open(sourceOf(), server.url);
    const read = (image.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    let readBytes = 0;
    let mostAhead = 0;
    for (let step = await read.next(); !step.done; step = await read.next()) {
      readBytes += step.value.length;
      if (readBytes % 7 === 0) await nextTurn();
      mostAhead = Math.max(mostAhead, sentBytes - readBytes);
    }
    expect(readBytes).toBe(bytes);
    expect(mostAhead).toBeLessThan(20_000_000);
  });

  test('of a reader that stops is not read on', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n');
      socket.write(mp4Of(1_000));
      writeForever(socket, Buffer.alloc(65_536, 1));
    });
    const image = await open(sourceOf(), server.url);
    const [socket] = server.sockets;
    if (socket === undefined) throw new Error('nobody came');
    let before = -1;
    while (before !== socket.bytesWritten) {
      before = socket.bytesWritten;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(socket.bytesWritten).toBeLessThan(20_000_000);
    expect(socket.writableLength).toBeGreaterThan(0);
    image.dispose();
    await server.idle();
  });
});
