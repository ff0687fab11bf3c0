import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import tls, { TLSSocket } from 'node:tls';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Resolve } from '../../src/http-source/index.ts';
import { pngOf } from './images.ts';
import { failureOf, nextTurn, open, serve, serveCanary, serveTls, sourceOf } from './loopback.ts';

const png = pngOf();
const toLoopback: Resolve = (_, __, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);

/** What servers see of requests: the names in TLS and in HTTP, and the request target. */
function recording(answer: RequestListener = (_, response) => response.end(png)) {
  const seen: { sni?: string | false | null; host: string | undefined; target: string | undefined }[] = [];
  const listener: RequestListener = (request, response) => {
    const { socket, headers, url } = request;
    const sni =
      socket instanceof TLSSocket
        ? { sni: (socket as { servername?: string | false | null }).servername ?? false }
        : {};
    seen.push({ ...sni, host: headers.host, target: url });
    answer(request, response);
  };
  return { seen, listener };
}

describe('a server that is dialled by its address', () => {
  const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
  const certificate = { key: fixture('tls-key.pem'), cert: fixture('tls-cert.pem') };
  const defaults = tls.getCACertificates('default');
  beforeAll(() => tls.setDefaultCACertificates([...defaults, certificate.cert.toString()]));
  afterAll(() => tls.setDefaultCACertificates(defaults));

  test('is told the name of the URL, in TLS and in HTTP, on every connection', async () => {
    const { seen, listener } = recording((_, response) => response.setHeader('connection', 'close').end(png));
    const server = await serveTls(listener, certificate);
    const source = sourceOf({ resolve: toLoopback });
    for (const host of ['pictures.example', 'PICTURES.example.', 'ｐictures.example']) {
      await open(source, `https://${host}:${server.port}/a.png`);
      await server.idle();
      await nextTurn();
    }
    const told = { sni: 'pictures.example', host: `pictures.example:${server.port}`, target: '/a.png' };
    expect(seen).toEqual([told, told, told]);
    expect(server.sockets).toHaveLength(3);
  });

  test('is told no name when the URL has none', async () => {
    const { seen, listener } = recording();
    const server = await serveTls(listener, certificate);
    await open(sourceOf(), `https://0x7f.1:${server.port}/`);
    expect(seen).toEqual([{ sni: false, host: `127.0.0.1:${server.port}`, target: '/' }]);
  });

  test('is told the name of each hop', async () => {
    const there = recording();
    const target = await serveTls(there.listener, certificate);
    const here = recording((_, response) =>
      response.writeHead(302, { location: `https://pictures.example:${target.port}/b.png` }).end(),
    );
    const server = await serve(here.listener);
    await open(sourceOf({ resolve: toLoopback }), `http://start.example:${server.port}/a.png`);
    expect(here.seen).toEqual([{ host: `start.example:${server.port}`, target: '/a.png' }]);
    expect(there.seen).toEqual([
      { sni: 'pictures.example', host: `pictures.example:${target.port}`, target: '/b.png' },
    ]);
  });

  test('has to have a certificate for the name, and not for another one of the same address', async () => {
    const server = await serveTls((_, response) => response.end(png), certificate);
    const source = sourceOf({ resolve: toLoopback });
    await open(source, `https://pictures.example:${server.port}/`);
    expect((await failureOf(open(source, `https://other.example:${server.port}/`))).code).toBe('source_tls');
    expect(server.sockets).toHaveLength(2);
  });
});

describe('a request', () => {
  test.each([
    ['/a%0d%0aHost:%20inside', '/a%0d%0aHost:%20inside'],
    ['/?q=%0d%0a%0d%0aGET%20/', '/?q=%0d%0a%0d%0aGET%20/'],
    ['/a b\u00e9', '/a%20b%C3%A9'],
    ['/a/../../b', '/b'],
    ['/a%00', '/a%00'],
    ['/a#%0d%0a', '/a'],
  ])('for %j asks for %j and says nothing else', async (path, target) => {
    const { seen, listener } = recording();
    const server = await serve(listener);
    await open(sourceOf(), `${server.url}${path}`);
    expect(seen).toEqual([{ host: `127.0.0.1:${server.port}`, target }]);
  });

  test('goes by a connection that was judged for its own name, though another leads to the same address', async () => {
    const { seen, listener } = recording();
    const server = await serve(listener);
    const asked: string[] = [];
    const source = sourceOf({
      resolve: (hostname, _, callback) => {
        asked.push(hostname);
        callback(null, [{ address: hostname === 'a.example' ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
      },
    });
    const canary = await serveCanary();
    await open(source, `http://a.example:${server.port}/`);
    await nextTurn();
    for (const port of [server.port, canary.port])
      expect((await failureOf(open(source, `http://b.example:${port}/`))).code).toBe('blocked_address');
    expect(asked).toEqual(['a.example', 'b.example', 'b.example']);
    expect(seen).toHaveLength(1);
  });

  test('goes by an open connection after its name has moved inside, and by no new one', async () => {
    const canary = await serveCanary();
    const { listener } = recording();
    const server = await serve(listener);
    const addresses = ['127.0.0.1'];
    const asked: string[] = [];
    const source = sourceOf({
      connectionsPerHost: 4,
      resolve: (hostname, _, callback) => {
        asked.push(hostname);
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        );
      },
    });
    const url = `http://pictures.example:${server.port}/`;
    await open(source, url);
    addresses[0] = '127.0.0.2';
    await nextTurn();
    // One is carried by the open connection; the others need new ones, and those are judged anew.
    const outcomes = await Promise.allSettled([open(source, url), open(source, url), open(source, url)]);
    const codes = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value.type : outcome.reason.code,
    );
    expect(codes.filter((code) => code === 'image/png').length).toBeGreaterThanOrEqual(1);
    expect(codes.every((code) => code === 'image/png' || code === 'blocked_address')).toBe(true);
    expect(server.sockets).toHaveLength(1);
    server.sockets[0]?.destroy();
    await server.idle();
    await nextTurn();
    expect((await failureOf(open(source, url))).code).toBe('blocked_address');
    expect((await failureOf(open(source, `http://pictures.example:${canary.port}/`))).code).toBe(
      'blocked_address',
    );
  });
});
