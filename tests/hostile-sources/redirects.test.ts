import { describe, expect, it } from 'vitest';

import { sampleImage } from '@imgferry/core/testing';
import { makeCertificate } from './make-certificate.ts';
import { type RawAnswer, type RawServer, serveCanary, serveRaw } from './raw-server.ts';
import { expectFailure, expectTaken } from './scene.ts';

const png = sampleImage('image/png', { bytes: 2_000 });

const image = (socket: Parameters<RawAnswer>[0]): void => {
  socket.write(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${png.length}\r\n\r\n`);
  socket.end(png);
};

/** Redirects every path to what the function makes of it, and answers an image where that is nothing. */
function serveRedirects(
  to: (path: string) => string | undefined,
  { status = 302, headers = [], tls }: RedirectOptions = {},
): Promise<RawServer> {
  const answer: RawAnswer = (socket, { path }) => {
    const location = to(path);
    if (location === undefined) return image(socket);
    const lines = [
      `HTTP/1.1 ${status} Moved`,
      'connection: close',
      'content-length: 0',
      ...headers,
      location,
    ];
    socket.end([...lines, '', ''].join('\r\n'), 'latin1');
  };
  return serveRaw(answer, tls === undefined ? {} : { tls });
}

interface RedirectOptions {
  readonly status?: number;
  readonly headers?: readonly string[];
  readonly tls?: { readonly key: string; readonly cert: string };
}

describe('redirects', () => {
  it('that go in a circle end at once', async () => {
    const server = await serveRedirects((path) => `location: ${path === '/a' ? '/b' : '/a'}`);
    const failure = await expectHops(server, '/a', 2);
    expect(failure.message).toBe('the redirects of the source go in a circle');
  });

  it.each([301, 302, 303, 307, 308])('with %i to the same place are a circle of one', async (status) => {
    await expectHops(await serveRedirects(() => 'location: /a', { status }), '/a', 1);
  });

  it('are followed five times', async () => {
    const server = await serveRedirects((path) => (path === '/5' ? undefined : `location: /${next(path)}`));
    await expectTaken(server, png, { path: '/0' });
    expect(server.requests.map(({ path }) => path)).toEqual(['/0', '/1', '/2', '/3', '/4', '/5']);
  });

  it('are not followed a sixth time', async () => {
    const server = await serveRedirects((path) => `location: /${next(path)}`);
    const failure = await expectHops(server, '/0', 6);
    expect(failure.message).toBe('the source redirects more than 5 times');
  });

  it.each([
    ['without a Location', 'x-location: /b'],
    ['with an empty one', 'location:'],
    ['with a blank one', 'location:   '],
    ['with two', 'location: /b\r\nlocation: /c'],
    ['to no URL', 'location: http://'],
    ['to a port that is none', 'location: http://127.0.0.1:99999/'],
    ['to a file', 'location: file:///etc/passwd'],
    ['to data', 'location: data:image/png;base64,iVBORw0KGgo='],
    ['to a script', 'location: javascript:alert(1)'],
    ['to gopher', 'location: gopher://127.0.0.1:6379/_FLUSHALL'],
    ['with credentials', 'location: http://user:secret@127.0.0.1/'],
  ])('%s lead nowhere', async (_, location) => {
    const failure = await expectHops(await serveRedirects(() => location), '/a', 1);
    expect(JSON.stringify(failure)).not.toContain('secret');
  });

  it.each([
    ['relative to the directory', 'b', '/dir/b'],
    ['to the parent', '../b', '/b'],
    ['to a query', '?b', '/dir/a?b'],
    ['with blanks around it', '  /b  ', '/b'],
    ['with a fragment', '/b#c', '/b'],
    ['with a backslash for a slash', '\\b', '/b'],
    ['in UTF-8', '/\xc3\xa4', '/%C3%A4'],
  ])('%s are followed', async (_, location, landed) => {
    const server = await serveRedirects((path) => (path === '/dir/a' ? `location: ${location}` : undefined));
    await expectTaken(server, png, { path: '/dir/a' });
    expect(server.requests.at(-1)?.path).toBe(landed);
  });

  it.each(['//127.0.0.1:port/b', '\\\\127.0.0.1:port\\b', 'http:\\\\127.0.0.1:port/b', 'http:/b'])(
    'to a host that is allowed are followed: %s',
    async (location) => {
      const server: RawServer = await serveRedirects((path) =>
        path === '/a' ? `location: ${location.replace('port', String(server.port))}` : undefined,
      );
      await expectTaken(server, png, { path: '/a' });
    },
  );

  it.each([
    '//127.0.0.2:port/',
    '\\\\127.0.0.2:port\\',
    '/\\127.0.0.2:port/',
    'http:\\\\127.0.0.2:port',
    'http://2130706434:port/',
    'http://0x7f.2:port/',
    'http://[::ffff:127.0.0.2]:port/',
    'http://localhost:port/',
  ])('to one that is not are blocked there: %s', async (location) => {
    const canary = await serveCanary();
    const server = await serveRedirects(() => `location: ${location.replace('port', String(canary.port))}`);
    await expectFailure(server, 'blocked_address', { path: '/a' });
  });

  it('from https to http are refused', async () => {
    const tls = makeCertificate({ names: ['127.0.0.1'] });
    const plain = await serveCanary('127.0.0.1');
    const server = await serveRedirects(() => `location: ${plain.url}/`, { tls });
    const source = { certificates: { '127.0.0.1': tls.cert } };
    const failure = await expectFailure(server, 'bad_redirect', { source });
    expect(failure.message).toBe('the source redirects from https to http');
  });

  it('carry no cookie, no credentials and no trace of where they come from', async () => {
    const server = await serveRedirects((path) => (path === '/a?key=1' ? 'location: /b' : undefined), {
      headers: ['set-cookie: session=1; path=/', 'www-authenticate: Basic realm="x"'],
    });
    await expectTaken(server, png, { path: '/a?key=1' });
    for (const { head } of server.requests)
      expect(
        head
          .split('\r\n')
          .slice(1)
          .map((line) => line.split(':')[0]),
      ).toEqual(['host', 'connection', 'accept', 'accept-encoding', 'user-agent']);
  });
});

it('a source that asks for credentials is given none', async () => {
  const server = await serveRaw(
    (socket) =>
      void socket.end('HTTP/1.1 401 Who\r\nwww-authenticate: Basic realm="x"\r\ncontent-length: 0\r\n\r\n'),
  );
  await expectFailure(server, 'source_status');
  expect(server.requests[0]?.head).not.toMatch(/authorization/i);
});

function next(path: string): number {
  return Number(path.slice(1)) + 1;
}

/** Fails for good after so many requests. */
async function expectHops(server: RawServer, path: string, hops: number): ReturnType<typeof expectFailure> {
  return expectFailure(server, 'bad_redirect', { path, hops });
}
