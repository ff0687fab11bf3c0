import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import tls from 'node:tls';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { GuardedConnector } from '../../src/http-source/addresses/guarded-connector.ts';
import { HostConnections } from '../../src/http-source/host-connections.ts';
import { resolveHttpSourceOptions } from '../../src/http-source/http-source-options.ts';
import type { HttpSource, Resolve } from '../../src/http-source/index.ts';
import type { SourceImage } from '../../src/source.ts';
import { TransferError } from '../../src/transfer-error.ts';
import { pngOf } from './images.ts';
import {
  bytesOf,
  failureOf,
  type Loopback,
  nextTurn,
  open,
  serve,
  serveRaw,
  serveTls,
  sourceOf,
} from './loopback.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const certificate = { key: fixture('tls-key.pem'), cert: fixture('tls-cert.pem') };
const defaults = tls.getCACertificates('default');
beforeAll(() => tls.setDefaultCACertificates([...defaults, certificate.cert.toString()]));
afterAll(() => tls.setDefaultCACertificates(defaults));

const resolve: Resolve = (_hostname, _options, callback) =>
  callback(null, [{ address: '127.0.0.1', family: 4 }]);

/**
 * Counts the connections that are dialled and open at once until the test is over, on our side: servers hear of an end
 * later. All names lead to this machine.
 */
function countConnections(): { readonly peak: number; readonly resolve: Resolve } {
  let dialled = 0;
  const open = new Set<Socket>();
  const changed = (): void => {
    counted.peak = Math.max(counted.peak, open.size + dialled);
  };
  const counted = {
    peak: 0,
    resolve: (...args: Parameters<Resolve>): void => {
      dialled += 1;
      changed();
      resolve(...args);
    },
  };
  const onConnected = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    dialled = Math.max(0, dialled - 1);
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    changed();
  };
  subscribe('undici:client:connected', onConnected);
  onTestFinished(() => void unsubscribe('undici:client:connected', onConnected));
  return counted;
}

/** Opens an image as often as it takes to get a turn. */
async function openInTurn(source: HttpSource, url: string): Promise<SourceImage> {
  for (;;) {
    try {
      return await open(source, url);
    } catch (error) {
      if (!(error instanceof TransferError) || error.code !== 'source_busy') throw error;
      await nextTurn();
    }
  }
}

function nameOf({ url, port }: Loopback): string {
  return `${url.split(':')[0]}://pictures.example:${port}`;
}

describe('the connections to one host', () => {
  test('are never more than allowed, and are used again', async () => {
    const server = await serve((_, response) => response.end(pngOf()));
    const source = sourceOf({ connectionsPerHost: 3 });
    await Promise.all(Array.from({ length: 40 }, () => openInTurn(source, server.url)));
    expect(server.sockets).toHaveLength(3);
  });

  test('are all kept for the images that come next, however many one host may have', async () => {
    const many = 120;
    let waiting: (() => void)[] = [];
    const server = await serve((_, response) => {
      waiting.push(() => response.end(pngOf()));
      if (waiting.length < many) return;
      for (const answer of waiting) answer();
      waiting = [];
    });
    const source = sourceOf({ connectionsPerHost: many });
    for (let round = 0; round < 2; round += 1)
      await Promise.all(Array.from({ length: many }, () => openInTurn(source, server.url)));
    expect(server.sockets).toHaveLength(many);
  });

  test('are never more than allowed over http, https and two ports together, those included that are idle', async () => {
    const connections = countConnections();
    const listener: RequestListener = (_, response) => response.end(pngOf());
    const servers = [await serve(listener), await serveTls(listener, certificate), await serve(listener)];
    const source = sourceOf({ connectionsPerHost: 2, resolve: connections.resolve });
    const urls = servers.map(nameOf);
    for (const url of [...urls, ...urls])
      await Promise.all([openInTurn(source, url), openInTurn(source, url)]);
    await Promise.all([...urls, ...urls, ...urls].map((url) => openInTurn(source, url)));
    expect(connections.peak).toBe(2);
  });

  test('are never more than allowed with redirects within the host, which go on with their turn', async () => {
    const connections = countConnections();
    const target = await serve((_, response) => response.end(pngOf()));
    const server = await serve((request, response) => {
      const there = request.url === '/' ? '/again' : `http://pictures.example:${target.port}/`;
      response.writeHead(302, { location: there });
      response.write('moved');
      // The body ends when the next hop has long been known.
      setTimeout(() => response.end(), 5);
    });
    const source = sourceOf({ connectionsPerHost: 1, resolve: connections.resolve });
    for (let count = 0; count < 3; count += 1)
      expect(await bytesOf(await open(source, nameOf(server)))).toEqual(pngOf());
    expect(connections.peak).toBe(1);
  });

  test('are never more than allowed when they break', async () => {
    const connections = countConnections();
    let requests = 0;
    const server = await serve((_, response) => {
      requests += 1;
      if (requests % 2 === 0) response.socket?.destroy();
      else response.end(pngOf());
    });
    const source = sourceOf({ connectionsPerHost: 2, resolve: connections.resolve });
    const opened = Array.from({ length: 20 }, () => openInTurn(source, nameOf(server)).catch(() => 'broken'));
    expect(new Set(await Promise.all(opened)).has('broken')).toBe(true);
    expect(connections.peak).toBe(2);
  });

  test('are another host’s own', async () => {
    const server = await serve(() => {});
    const source = sourceOf({ connectionsPerHost: 1, resolve });
    for (const name of ['a', 'b', 'c'])
      void open(source, `http://${name}.example:${server.port}/`).catch(() => {});
    await expect.poll(() => server.sockets.length).toBe(3);
  });
});

describe('a connection that nobody uses', () => {
  const openOf = ({ sockets }: Loopback): number => sockets.filter(({ closed }) => !closed).length;
  const forLong: RequestListener = (_, response) =>
    response.writeHead(200, { 'keep-alive': 'timeout=600' }).end(pngOf());

  test('ends when a hundred were used later, of whatever hosts', async () => {
    const server = await serve(forLong);
    const source = sourceOf({ resolve });
    for (let count = 0; count < 130; count += 1)
      await open(source, `http://${count}.example:${server.port}/`);
    await expect.poll(() => openOf(server)).toBeLessThanOrEqual(100);
    await open(source, `http://129.example:${server.port}/`);
    expect(server.sockets).toHaveLength(130);
    await open(source, `http://0.example:${server.port}/`);
    expect(server.sockets).toHaveLength(131);
  });

  test('ends within seconds, for however long its server would keep it', async () => {
    const server = await serve(forLong);
    await open(sourceOf(), server.url);
    await expect.poll(() => openOf(server), { timeout: 10_000, interval: 100 }).toBe(0);
  }, 15_000);

  test('and that is being closed is waited for by who closes all', async () => {
    const server = await serve(forLong);
    const connector = new GuardedConnector(resolveHttpSourceOptions({ allow: ['127.0.0.1'] }));
    const connections = new HostConnections(connector, 1);
    const connection = connections.take(server.url, '127.0.0.1');
    let isClosed = false;
    connections.giveBack(connection, false);
    void connection.end().then(() => {
      isClosed = true;
    });
    await connections.close(new Error('closed'));
    expect(isClosed).toBe(true);
  });
});

describe('a turn at a host', () => {
  test('lasts until its image has been read or is disposed of', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n');
      socket.write(pngOf(500_000));
    });
    const source = sourceOf({ connectionsPerHost: 1 });
    const image = await open(source, server.url);
    expect(await failureOf(open(source, server.url))).toMatchObject({
      code: 'source_busy',
      message: '1 images are being read from the source already',
    });
    image.dispose();
    await openInTurn(source, server.url);
  });

  test('is given back by an image that is held, though nobody has sent it yet', async () => {
    const server = await serve((_, response) => response.end(pngOf()));
    const source = sourceOf({ connectionsPerHost: 1 });
    await open(source, server.url);
    await open(source, server.url);
  });

  test('is given back after an answer without an image, and after an abort', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/gone') response.writeHead(404).end();
      else if (request.url === '/picture') response.end(pngOf());
    });
    const source = sourceOf({ connectionsPerHost: 1 });
    expect((await failureOf(open(source, `${server.url}/gone`))).code).toBe('source_status');
    await expect(open(source, server.url, { signal: AbortSignal.timeout(5) })).rejects.toThrow('timeout');
    expect((await openInTurn(source, `${server.url}/picture`)).bytes).toBe(pngOf().length);
  });

  test('is needed at the host that a redirect leads to as well', async () => {
    const target = await serve(() => {});
    const server = await serve((_, response) =>
      response.writeHead(302, { location: `http://target.example:${target.port}/` }).end(),
    );
    const source = sourceOf({ connectionsPerHost: 1, resolve });
    const aborter = new AbortController();
    const first = open(source, nameOf(server), { signal: aborter.signal }).catch(() => {});
    await expect.poll(() => target.sockets.length).toBe(1);
    expect((await failureOf(open(source, nameOf(server)))).code).toBe('source_busy');
    aborter.abort();
    await first;
  });
});

test('a source that is closed while a redirect is on its way asks nothing more', async () => {
  const asked: (string | undefined)[] = [];
  const source = sourceOf();
  const server = await serve((request, response) => {
    asked.push(request.url);
    response.writeHead(302, { location: '/there' }).write('moved');
    setTimeout(() => void source.close(), 20);
  });
  expect((await failureOf(open(source, server.url))).message).toBe('the source was closed');
  expect(asked).toEqual(['/']);
});
