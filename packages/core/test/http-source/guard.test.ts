import type { LookupAddress } from 'node:dns';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import type { Resolve } from '../../src/http-source/index.ts';
import { pngOf } from './images.ts';
import { failureOf, nextTurn, open, serve, serveCanary, serveRaw, serveTls, sourceOf } from './loopback.ts';

const png = pngOf();
const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const certificate = { key: fixture('tls-key.pem'), cert: fixture('tls-cert.pem') };

/** Answers lookups from a table, and counts them. */
function resolverOf(answers: (hostname: string) => readonly string[]): { resolve: Resolve; asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (hostname, _, callback) => {
    asked.push(hostname);
    const addresses = answers(hostname).map(
      (address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }),
    );
    setImmediate(() => callback(null, addresses));
  };
  return { resolve, asked };
}

function failingWith(code: string): Resolve {
  return (_, __, callback) => {
    const error = Object.assign(new Error(`getaddrinfo ${code}`), { code, syscall: 'getaddrinfo' });
    setImmediate(() => callback(error, []));
  };
}

describe('what may be dialled', () => {
  test.each([
    ['127.0.0.2', '127.0.0.2'],
    ['decimal', '2130706434'],
    ['hex', '0x7f000002'],
    ['octal', '0177.0.0.2'],
    ['short', '127.2'],
    ['mapped', '[::ffff:127.0.0.2]'],
    ['fullwidth', '１２７.0.0.2'],
  ])('is judged for a literal address: %s', async (_, host) => {
    const canary = await serveCanary();
    const failure = await failureOf(open(sourceOf(), `http://${host}:${canary.port}/`));
    expect(failure.code).toBe('blocked_address');
  });

  test('is judged on [::1]', async () => {
    const canary = await serveCanary('::1');
    expect((await failureOf(open(sourceOf(), `http://[::1]:${canary.port}/`))).code).toBe('blocked_address');
  });

  test('is judged for every address that a name has, and one bad one refuses it', async () => {
    const server = await serve((_, response) => response.end(png));
    const canary = await serveCanary();
    for (const addresses of [
      ['127.0.0.2'],
      ['127.0.0.1', '127.0.0.2'],
      ['127.0.0.2', '127.0.0.1'],
      ['127.0.0.1', '::1'],
    ]) {
      const source = sourceOf({ resolve: resolverOf(() => addresses).resolve });
      for (const { port } of [server, canary]) {
        const failure = await failureOf(open(source, `http://pictures.example:${port}/`));
        expect(failure.code).toBe('blocked_address');
      }
    }
    expect(server.sockets).toHaveLength(0);
  });

  test('is what was judged: a name that changes its address in between is not asked again', async () => {
    const server = await serve((_, response) => response.setHeader('connection', 'close').end(png));
    const canary = await serve((_, response) => response.end(png), '127.0.0.2');
    let turn = 0;
    const { resolve, asked } = resolverOf(() => [['127.0.0.1'], ['127.0.0.2']][turn++ % 2] ?? []);
    const source = sourceOf({ resolve });
    const outcomes: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const outcome = await source
        .open(`http://pictures.example:${server.port}/`, {
          limits: { maxBytes: { 'image/png': 1e6 } },
          signal: new AbortController().signal,
        })
        .then(
          ({ type }) => type,
          ({ code }) => code,
        );
      outcomes.push(outcome);
      await server.idle();
    }
    expect(outcomes).toEqual(['image/png', 'blocked_address', 'image/png', 'blocked_address']);
    expect(asked).toHaveLength(4);
    expect(canary.sockets).toHaveLength(0);
    expect(server.sockets).toHaveLength(2);
  });

  test('is judged anew for a new connection, while an open one stays with its address', async () => {
    const server = await serve((_, response) => response.end(png));
    let address = '127.0.0.1';
    const { resolve, asked } = resolverOf(() => [address]);
    const source = sourceOf({ resolve });
    const url = `http://pictures.example:${server.port}/`;
    await open(source, url);
    address = '127.0.0.2';
    await nextTurn();
    await open(source, url);
    expect(asked).toHaveLength(1);
    server.sockets[0]?.destroy();
    await server.idle();
    await nextTurn();
    expect((await failureOf(open(source, url))).code).toBe('blocked_address');
    expect(asked).toHaveLength(2);
  });

  test('is not another port of a name, unless all its addresses are allowed', async () => {
    const { resolve, asked } = resolverOf(() => ['8.8.8.8', '127.0.0.1']);
    const failure = await failureOf(open(sourceOf({ resolve }), 'http://pictures.example:8080/'));
    expect(failure.code).toBe('blocked_address');
    expect(asked).toEqual(['pictures.example']);
  });

  test('is not looked up at all when the port is closed to everyone', async () => {
    const { resolve, asked } = resolverOf(() => ['8.8.8.8']);
    const source = sourceOf({ allow: [], resolve });
    for (const url of [
      'http://pictures.example:8080/',
      'http://minio/',
      'http://a.internal/',
      'http://localhost/',
    ])
      await failureOf(open(source, url));
    expect(asked).toEqual([]);
  });

  test('is not a denied host', async () => {
    const { resolve, asked } = resolverOf(() => ['127.0.0.1']);
    const source = sourceOf({ resolve, denyHosts: ['own.example'] });
    expect((await failureOf(open(source, 'http://OWN.example./'))).code).toBe('blocked_address');
    expect(asked).toEqual([]);
  });
});

describe('a name', () => {
  test('with an allowed address leads there, on any port, under its own name', async () => {
    const hosts: (string | undefined)[] = [];
    const server = await serve((request, response) => {
      hosts.push(request.headers.host);
      response.end(png);
    });
    const { resolve, asked } = resolverOf(() => ['127.0.0.1']);
    await open(sourceOf({ resolve }), `http://Pictures.Example.:${server.port}/a.png`);
    expect(asked).toEqual(['pictures.example']);
    expect(hosts).toEqual([`pictures.example:${server.port}`]);
  });

  test('without an address is not found', async () => {
    for (const resolve of [failingWith('ENOTFOUND'), resolverOf(() => []).resolve])
      expect((await failureOf(open(sourceOf({ resolve }), 'http://pictures.example/'))).code).toBe(
        'host_not_found',
      );
  });

  test('that can not be looked up for now is unreachable for now', async () => {
    const failure = await failureOf(
      open(sourceOf({ resolve: failingWith('EAI_AGAIN') }), 'http://pictures.example/'),
    );
    expect([failure.code, failure.retry]).toEqual(['source_unreachable', 'soon']);
  });

  test('with a thousand addresses is tried at a few of them', async () => {
    const server = await serve((_, response) => response.end(png));
    const { resolve } = resolverOf(() => Array.from({ length: 1_000 }, () => '127.0.0.1'));
    expect((await open(sourceOf({ resolve }), `http://pictures.example:${server.port}/`)).type).toBe(
      'image/png',
    );
  });
});

describe('a connection', () => {
  test('that is refused is unreachable', async () => {
    const { port } = await serve(() => {});
    const failure = await failureOf(open(sourceOf({ allow: ['127.0.0.3'] }), `http://127.0.0.3:${port}/`));
    expect([failure.code, failure.retry]).toEqual(['source_unreachable', 'soon']);
  });

  test('over TLS with a certificate nobody trusts fails for good, whatever the environment says', async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    onTestFinished(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const server = await serveTls((_, response) => response.end(png), certificate);
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.retry]).toEqual(['source_tls', 'never']);
  });

  test('over TLS to a server that speaks none fails for good', async () => {
    const server = await serveRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const failure = await failureOf(open(sourceOf(), server.url.replace('http:', 'https:')));
    expect(failure.code).toBe('source_tls');
  });

  test('over TLS that is cut in the handshake is unreachable', async () => {
    const server = await serveRaw((socket) => socket.destroy());
    const failure = await failureOf(open(sourceOf(), server.url.replace('http:', 'https:')));
    expect(failure.code).toBe('source_unreachable');
  });
});

describe('a certificate that is trusted for one host', () => {
  const pem = certificate.cert.toString();
  const { resolve } = resolverOf(() => ['127.0.0.1']);

  test('is trusted for it in any spelling, and for no other', async () => {
    const server = await serveTls((_, response) => response.end(png), certificate);
    const source = sourceOf({ resolve, certificates: { 'Pictures.Example.': pem } });
    expect((await open(source, `https://PICTURES.example:${server.port}/`)).type).toBe('image/png');
    expect((await failureOf(open(source, server.url))).code).toBe('source_tls');
  });

  test('is trusted for an address too', async () => {
    const server = await serveTls((_, response) => response.end(png), certificate);
    const source = sourceOf({ certificates: { '127.0.0.1': pem } });
    expect((await open(source, server.url)).type).toBe('image/png');
  });

  test.each(['::1', '[::1]', '0:0::1'])(
    'is trusted for an IPv6 address in any spelling: %s',
    async (host) => {
      const { port } = await serveTls((_, response) => response.end(png), certificate, '::1');
      const source = sourceOf({ allow: ['::1'], certificates: { [host]: pem } });
      // Trusted, and for other names than this: that is the only fault which is left to find.
      expect((await failureOf(open(source, `https://[::1]:${port}/`))).message).toContain('ALTNAME_INVALID');
    },
  );

  test('has to be for its name all the same', async () => {
    const server = await serveTls((_, response) => response.end(png), certificate);
    const source = sourceOf({ resolve, certificates: { 'other.example': pem } });
    const failure = await failureOf(open(source, `https://other.example:${server.port}/`));
    expect([failure.code, failure.message]).toEqual([
      'source_tls',
      'the certificate of the source is for another name (ERR_TLS_CERT_ALTNAME_INVALID)',
    ]);
  });
});

describe('with a trusted certificate', () => {
  const defaults = tls.getCACertificates('default');
  beforeAll(() => tls.setDefaultCACertificates([...defaults, certificate.cert.toString()]));
  afterAll(() => tls.setDefaultCACertificates(defaults));

  test('an image comes over TLS, checked against the name and not the address, in HTTP/1.1', async () => {
    const server = await serveTls(
      (request, response) => response.end(pngOf(Number(request.httpVersion) * 100)),
      certificate,
    );
    const { resolve } = resolverOf(() => ['127.0.0.1']);
    const source = sourceOf({ resolve });
    const image = await open(source, `https://pictures.example:${server.port}/`);
    expect(image.bytes).toBe(110);
    expect((await failureOf(open(source, `https://other.example:${server.port}/`))).code).toBe('source_tls');
  });

  test('a redirect from https to http is not followed', async () => {
    const plain = await serveCanary('127.0.0.1');
    const server = await serveTls(
      (_, response) => response.writeHead(301, { location: plain.url }).end(),
      certificate,
    );
    expect((await failureOf(open(sourceOf(), server.url))).code).toBe('bad_redirect');
  });

  test('a redirect from http to https is followed', async () => {
    const secure = await serveTls((_, response) => response.end(png), certificate);
    const server = await serve((_, response) => response.writeHead(301, { location: secure.url }).end());
    expect((await open(sourceOf(), server.url)).type).toBe('image/png');
  });
});
