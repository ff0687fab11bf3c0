import type { OutgoingHttpHeaders } from 'node:http';

import { describe, expect, test, vi } from 'vitest';

import { SourceClock } from '../../src/http-source/source-clock.ts';
import { mp4Of, pngOf } from './images.ts';
import { bytesOf, failureOf, type Loopback, open, serve, serveRaw, sourceOf } from './loopback.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A machine that is busy may be silent for longer than the idle limit, which is so short here. */
const orSilent = (words: string): RegExp => new RegExp(`${words}$|the next bytes .* did not come`);

/** Begins a PNG, and goes on with one byte every 10 ms. */
function serveTrickle(headers: OutgoingHttpHeaders): Promise<Loopback> {
  return serve((_, response) => {
    response.writeHead(200, headers);
    response.write(pngOf(5_000));
    const timer = setInterval(() => response.write('x'), 10);
    response.once('close', () => clearInterval(timer));
  });
}

describe('a source is given up', () => {
  test('when its headers do not come', async () => {
    const server = await serveRaw(() => {});
    const failure = await failureOf(open(sourceOf({ headersTimeoutMs: 30 }), server.url));
    expect([failure.code, failure.retry]).toEqual(['source_timeout', 'soon']);
    expect(failure.message).toBe('the headers of the source did not come within 30 ms');
    await server.idle();
  });

  test('when its headers trickle', async () => {
    const server = await serveRaw((socket) => {
      const timer = setInterval(() => socket.write('x'), 5);
      socket.write('HTTP/1.1 200 OK\r\na: ');
      socket.once('close', () => clearInterval(timer));
    });
    expect((await failureOf(open(sourceOf({ headersTimeoutMs: 50 }), server.url))).code).toBe(
      'source_timeout',
    );
    await server.idle();
  });

  test('when provisional answers put the real one off', async () => {
    const server = await serveRaw((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 10);
      socket.once('close', () => clearInterval(timer));
    });
    expect((await failureOf(open(sourceOf({ headersTimeoutMs: 50 }), server.url))).code).toBe(
      'source_timeout',
    );
  });

  test('when its first bytes do not come', async () => {
    const server = await serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n'));
    const failure = await failureOf(open(sourceOf({ idleTimeoutMs: 30 }), server.url));
    expect(failure.message).toBe('the next bytes of the image did not come within 30 ms');
    await server.idle();
  });

  test('when it falls silent in the middle of a body', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n');
      socket.write(pngOf(500_000));
    });
    const image = await open(sourceOf({ idleTimeoutMs: 30 }), server.url);
    expect((await failureOf(bytesOf(image))).code).toBe('source_timeout');
    await server.idle();
  });

  test('when it trickles, just under the idle limit, for longer than the total', async () => {
    const server = await serveTrickle({ 'content-length': 900_000 });
    const image = await open(sourceOf({ idleTimeoutMs: 200, totalTimeoutMs: 100 }), server.url);
    const failure = await failureOf(bytesOf(image));
    expect([failure.code, failure.message]).toEqual([
      'source_timeout',
      'the image did not come within 100 ms in all',
    ]);
    await server.idle();
  });

  test('when it trickles below the least rate, long before the total', async () => {
    const server = await serveTrickle({ 'content-length': 900_000 });
    const image = await open(sourceOf({ idleTimeoutMs: 50, minBytesPerSecond: 10_000 }), server.url);
    expect((await failureOf(bytesOf(image))).message).toMatch(orSilent('less than 10000 bytes per second'));
    await server.idle();
  });

  test('when it trickles a body that draws on held bytes below 32 times that rate', async () => {
    const demand = vi.spyOn(SourceClock.prototype, 'demand');
    const server = await serveTrickle({});
    const source = sourceOf({ idleTimeoutMs: 50, minBytesPerSecond: 100, smallBytes: 100 });
    const failure = await failureOf(open(source, server.url));
    expect(failure.message).toMatch(orSilent('less than 3200 bytes per second'));
    expect(demand.mock.calls).toEqual([
      [100, 100],
      [3_200, 100],
    ]);
    demand.mockRestore();
    await server.idle();
  });

  test('when its redirects together take longer than the total', async () => {
    let hop = 0;
    const server = await serve((_, response) => {
      hop += 1;
      const location = `/${hop}`;
      setTimeout(() => response.writeHead(302, { location }).end(), 20);
    });
    expect((await failureOf(open(sourceOf({ totalTimeoutMs: 50 }), server.url))).code).toBe('source_timeout');
  });

  test('when the connection does not come about', async () => {
    const server = await serveRaw(() => {});
    const source = sourceOf({ connectTimeoutMs: 30, resolve: () => {} });
    const urls = [`http://pictures.example:${server.port}/`, server.url.replace('http:', 'https:')];
    const failures = await Promise.all(urls.map((url) => failureOf(open(source, url))));
    expect(failures.map(({ code, message }) => `${code}: ${message}`)).toEqual(
      urls.map(
        () => 'source_timeout: no connection to the source came about in time (UND_ERR_CONNECT_TIMEOUT)',
      ),
    );
    await server.idle();
  });
});

describe('a source is not given up', () => {
  test('when its reader takes its time', async () => {
    const server = await serve((_, response) => response.end(pngOf(900_000)));
    const image = await open(sourceOf({ idleTimeoutMs: 300, totalTimeoutMs: 500 }), server.url);
    await sleep(550);
    let pauses = 0;
    for await (const chunk of image.body) if (chunk.length > 0 && pauses++ < 2) await sleep(330);
    expect(pauses).toBeGreaterThan(1);
  });

  test('when it needs longer than the total for a body above 20 MB', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 20_000_001 });
      response.write(mp4Of(10_000, 20_000_001));
      setTimeout(() => response.end(Buffer.alloc(19_990_001)), 330);
    });
    const source = sourceOf({ totalTimeoutMs: 300, largeTotalTimeoutMs: 5_000 });
    expect(await bytesOf(await open(source, server.url))).toHaveLength(20_000_001);
  });
});
