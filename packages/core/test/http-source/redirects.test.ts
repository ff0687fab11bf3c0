import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { describe, expect, test, vi } from 'vitest';

import { pngOf } from './images.ts';
import { bytesOf, failureOf, open, serve, serveCanary, serveRaw, sourceOf } from './loopback.ts';

const png = pngOf();

/** Redirects every path to what the table says, and serves the image elsewhere. */
const redirecting =
  (table: Readonly<Record<string, string>>, status = 302) =>
  (request: IncomingMessage, response: ServerResponse) => {
    const location = table[request.url ?? ''];
    if (location === undefined) response.end(png);
    else response.writeHead(status, { location }).end('moved');
  };

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('with status %i is followed', async (status) => {
    const server = await serve(redirecting({ '/': '/there' }, status));
    expect(await bytesOf(await open(sourceOf(), server.url))).toEqual(png);
  });

  test.each([300, 304, 305, 399])('with status %i is none', async (status) => {
    const server = await serve((_, response) => response.writeHead(status, { location: '/there' }).end());
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.message]).toEqual([
      'source_status',
      `the source answered with status ${status}`,
    ]);
  });

  test.each([
    ['relative', 'c.png', '/a/c.png'],
    ['up a folder', '../c.png', '/c.png'],
    ['a query alone', '?c=1', '/a/b?c=1'],
    ['with a fragment', '/c.png#d', '/c.png'],
    ['with blanks around it', '  /c.png  ', '/c.png'],
    ['with backslashes', '\\c.png', '/c.png'],
    ['in UTF-8', Buffer.from('/größe.png').toString('latin1'), '/gr%C3%B6%C3%9Fe.png'],
    ['in Latin-1', '/gr\u00f6\u00dfe.png', '/gr%C3%B6%C3%9Fe.png'],
  ])('may have a Location that is %s', async (_, location, path) => {
    const asked: (string | undefined)[] = [];
    const server = await serve((request, response) => {
      asked.push(request.url);
      redirecting({ '/a/b': location })(request, response);
    });
    await open(sourceOf(), `${server.url}/a/b`);
    expect(asked).toEqual(['/a/b', path]);
  });

  test('to a host that is longer than any is refused before it is parsed', async () => {
    const host = `a${'\u0300'.repeat(1_000)}`;
    const server = await serve(redirecting({ '/': Buffer.from(`//${host}/`).toString('latin1') }));
    const parse = vi.spyOn(URL, 'parse');
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.message]).toEqual([
      'bad_redirect',
      'the source redirects to something that is not a URL',
    ]);
    expect(parse.mock.calls.filter(([text]) => text.toString().includes(host))).toEqual([]);
    parse.mockRestore();
  });

  test('may have a Location without a scheme', async () => {
    const there = await serve((_, response) => response.end(png));
    const server = await serve(redirecting({ '/': `//127.0.0.1:${there.port}/x` }));
    await open(sourceOf(), server.url);
    expect(there.sockets).toHaveLength(1);
  });

  test.each([
    ['no Location', undefined],
    ['an empty one', ''],
    ['one that is no URL', 'http://[::1'],
    ['one without a host', 'http://'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:image/png;base64,AA=='],
    ['gopher', 'gopher://127.0.0.1:70/'],
    ['credentials', 'http://user:pw@127.0.0.1/'],
  ])('with %s leads nowhere', async (_, location) => {
    const server = await serve((__, response) =>
      response.writeHead(302, location === undefined ? {} : { location }).end(),
    );
    const failure = await failureOf(open(sourceOf(), server.url));
    expect([failure.code, failure.retry]).toEqual(['bad_redirect', 'never']);
    expect(server.sockets).toHaveLength(1);
  });

  test('with two Locations leads nowhere', async () => {
    const server = await serveRaw((socket) =>
      socket.end('HTTP/1.1 302 Found\r\nlocation: /a\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n'),
    );
    expect((await failureOf(open(sourceOf(), server.url))).code).toBe('bad_redirect');
  });

  test.each([
    ['a literal address', (port: number) => `http://127.0.0.2:${port}/`],
    ['a literal address without a scheme', (port: number) => `//127.0.0.2:${port}/`],
    ['a literal address behind backslashes', (port: number) => `\\\\127.0.0.2:${port}\\`],
    ['a number', (port: number) => `http://2130706434:${port}/`],
    ['a short form', (port: number) => `http://0x7f.2:${port}/`],
    ['a mapped address', (port: number) => `http://[::ffff:7f00:2]:${port}/`],
    ['a name', (port: number) => `http://inside.example:${port}/`],
    ['a name that means this machine', (port: number) => `http://localhost:${port}/`],
    ['a closed port', () => 'http://8.8.8.8:6379/'],
    ['a denied host', () => 'http://own.example/'],
  ])('does not lead inside by %s', async (_, target) => {
    const canary = await serveCanary();
    const server = await serve(redirecting({ '/': target(canary.port) }));
    const source = sourceOf({
      denyHosts: ['own.example'],
      resolve: (__, ___, callback) => callback(null, [{ address: '127.0.0.2', family: 4 }]),
    });
    expect((await failureOf(open(source, server.url))).code).toBe('blocked_address');
  });

  test.each([
    ['to itself', { '/a': '/a' }],
    ['to itself but for a fragment', { '/a': '/a#again' }],
    ['to itself but for an empty fragment', { '/a': '/a#' }],
    ['there and back', { '/a': '/b', '/b': '/a' }],
  ])('that goes in a circle is found: %s', async (_, table) => {
    let asked = 0;
    const server = await serve((request, response) => {
      asked += 1;
      redirecting(table)(request, response);
    });
    const failure = await failureOf(open(sourceOf(), `${server.url}/a`));
    expect(failure.message).toBe('the redirects of the source go in a circle');
    expect(asked).toBe(Object.keys(table).length);
  });

  test('is followed five times and not six', async () => {
    const table = { '/6': '/5', '/5': '/4', '/4': '/3', '/3': '/2', '/2': '/1', '/1': '/0' };
    const server = await serve(redirecting(table));
    expect((await open(sourceOf(), `${server.url}/5`)).type).toBe('image/png');
    const failure = await failureOf(open(sourceOf(), `${server.url}/6`));
    expect([failure.code, failure.message]).toEqual([
      'bad_redirect',
      'the source redirects more than 5 times',
    ]);
  });

  test('is not followed at all when none is allowed', async () => {
    const server = await serve(redirecting({ '/': '/there' }));
    const source = sourceOf({ maxRedirects: 0 });
    expect((await failureOf(open(source, server.url))).code).toBe('bad_redirect');
    expect((await open(source, `${server.url}/there`)).type).toBe('image/png');
  });

  test.each([
    'https://i.imgur.com/removed.png',
    'http://i.imgur.com/removed.png?1',
    '//I.imgur.com/removed.png',
  ])('to the picture of removed images fails without asking for it: %s', async (location) => {
    const server = await serve(redirecting({ '/': location }));
    const source = sourceOf({
      resolve: () => {
        throw new Error('nothing may be looked up');
      },
    });
    const failure = await failureOf(open(source, server.url));
    expect([failure.code, failure.retry]).toEqual(['source_removed', 'never']);
  });

  test('carries no cookie, no Referer and no credentials along', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const server = await serve((request, response) => {
      seen.push(request.headers);
      if (request.url === '/there') response.end(png);
      else
        response
          .writeHead(302, { location: '/there', 'set-cookie': 'a=b', 'www-authenticate': 'Basic' })
          .end();
    });
    await open(sourceOf({ userAgent: 'tester/1' }), server.url);
    const sent = {
      accept: 'image/*,video/*;q=0.9,*/*;q=0.1',
      'accept-encoding': 'identity',
      connection: 'keep-alive',
      host: `127.0.0.1:${server.port}`,
      'user-agent': 'tester/1',
    };
    expect(seen).toEqual([sent, sent]);
  });

  test('with an endless body is not read to its end', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/there') return response.end(png);
      response.writeHead(302, { location: '/there' });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    expect((await open(sourceOf(), server.url)).type).toBe('image/png');
    const [first] = server.sockets;
    if (first !== undefined && !first.destroyed) await new Promise((resolve) => first.once('close', resolve));
    expect(first?.bytesWritten).toBeLessThan(8_000_000);
  });

  test('with a body that never ends does not keep its connection', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/there') response.end(png);
      else response.writeHead(302, { location: '/there' }).write('moved');
    });
    expect((await open(sourceOf(), server.url)).type).toBe('image/png');
    const [first] = server.sockets;
    if (first?.destroyed === false) await once(first, 'close');
  });
});
