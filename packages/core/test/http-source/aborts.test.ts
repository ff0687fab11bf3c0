import { getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';

import { describe, expect, test } from 'vitest';

import { StateError } from '../../src/errors.ts';
import { pngOf } from './images.ts';
import { bytesOf, failureOf, limits, nextTurn, open, serve, serveRaw, sourceOf } from './loopback.ts';

const reason = new Error('no longer wanted');

/** Ends an answer with its last bytes, and waits until they have been read. */
async function finish(answer: ServerResponse | undefined, last: Buffer | string): Promise<void> {
  await new Promise<void>((resolve) => answer?.end(last, resolve));
  for (let turns = 0; turns < 5; turns += 1) await nextTurn();
}

describe('a signal that aborts', () => {
  test('before anything happened keeps anything from happening', async () => {
    const server = await serve((_, response) => response.end(pngOf()));
    await expect(open(sourceOf(), server.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.sockets).toHaveLength(0);
  });

  test('during the lookup rejects at once', async () => {
    const aborter = new AbortController();
    const source = sourceOf({ resolve: () => aborter.abort(reason) });
    await expect(open(source, 'http://pictures.example/', { signal: aborter.signal })).rejects.toBe(reason);
  });

  test('during the TLS handshake rejects at once and ends the connection', async () => {
    const aborter = new AbortController();
    const server = await serveRaw(() => aborter.abort(reason));
    const url = server.url.replace('http:', 'https:');
    await expect(open(sourceOf(), url, { signal: aborter.signal })).rejects.toBe(reason);
    await server.idle();
  });

  test('during the handshake leaves the connection of another alone', async () => {
    const aborter = new AbortController();
    let seen = 0;
    const server = await serveRaw((socket) => {
      seen += 1;
      if (seen < 2) return;
      aborter.abort(reason);
      setImmediate(() => socket.end('no TLS'));
    });
    const url = server.url.replace('http:', 'https:');
    const source = sourceOf();
    const first = open(source, url, { signal: aborter.signal });
    const second = failureOf(open(source, url));
    await expect(first).rejects.toBe(reason);
    expect((await second).code).toBe('source_tls');
  });

  test('before the headers rejects at once and ends the connection', async () => {
    const aborter = new AbortController();
    const server = await serveRaw(() => aborter.abort(reason));
    await expect(open(sourceOf(), server.url, { signal: aborter.signal })).rejects.toBe(reason);
    await server.idle();
  });

  test('before the first bytes rejects at once and ends the connection', async () => {
    const aborter = new AbortController();
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n', () =>
        setImmediate(() => aborter.abort(reason)),
      );
    });
    await expect(open(sourceOf(), server.url, { signal: aborter.signal })).rejects.toBe(reason);
    await server.idle();
  });

  test('between two redirects rejects at once', async () => {
    const aborter = new AbortController();
    const server = await serve((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/there' }).end();
      else aborter.abort(reason);
    });
    await expect(open(sourceOf(), server.url, { signal: aborter.signal })).rejects.toBe(reason);
    const last = server.sockets.at(-1);
    if (last?.destroyed === false) await once(last, 'close');
  });

  test('in the middle of a stream throws from it and ends the connection', async () => {
    const aborter = new AbortController();
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n');
      socket.write(pngOf(500_000));
    });
    const image = await open(sourceOf(), server.url, { signal: aborter.signal });
    const read = bytesOf(image);
    setImmediate(() => aborter.abort(reason));
    await expect(read).rejects.toBe(reason);
    await server.idle();
  });

  test('throws from a stream that has all its bytes but was not read', async () => {
    const aborter = new AbortController();
    const answers: ServerResponse[] = [];
    const server = await serve((_, response) => {
      answers.push(response);
      response.writeHead(200, { 'content-length': 30_000 }).write(pngOf(30_000).subarray(0, 5_000));
    });
    const image = await open(sourceOf({ smallBytes: 0 }), server.url, { signal: aborter.signal });
    await finish(answers[0], pngOf(30_000).subarray(5_000));
    aborter.abort(reason);
    await expect(bytesOf(image)).rejects.toBe(reason);
  });

  test('after everything has come changes nothing', async () => {
    const aborter = new AbortController();
    const server = await serve((_, response) => response.end(pngOf()));
    const image = await open(sourceOf(), server.url, { signal: aborter.signal });
    aborter.abort(reason);
    expect(await bytesOf(image)).toEqual(pngOf());
  });
});

describe('an image that is disposed of', () => {
  test('ends its connection when it was not read, however often', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n');
      socket.write(pngOf(500_000));
    });
    const image = await open(sourceOf(), server.url);
    image.dispose();
    image.dispose();
    await server.idle();
    await expect(bytesOf(image)).rejects.toThrow(StateError);
  });

  test('ends its connection when its reader stops early', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n');
      socket.write(pngOf(500_000));
    });
    const image = await open(sourceOf(), server.url);
    for await (const _ of image.body) break;
    await server.idle();
  });
});

describe('connections', () => {
  test('are used again after bodies that were read, of images, of errors and of redirects', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/large' }).end('moved');
      else if (request.url === '/gone') response.writeHead(404).end('<h1>gone</h1>');
      else if (request.url === '/page') response.end('<html>'.padEnd(9_000));
      else response.end(pngOf(request.url === '/large' ? 900_000 : 100));
    });
    const source = sourceOf();
    for (const path of ['/', '/large', '/gone', '/page', '/', '/moved', '/large']) {
      await open(source, server.url + path).then(bytesOf, () => {});
      await nextTurn();
      await nextTurn();
    }
    // A redirect goes on in the turn of the loop in which its own connection is not free yet.
    expect(server.sockets.length).toBeLessThanOrEqual(2);
  });

  test('are used again after an error whose body comes late', async () => {
    const answers: ServerResponse[] = [];
    const server = await serve((_, response) => {
      answers.push(response);
      response.writeHead(404, { 'content-length': 4 }).write('go');
    });
    const source = sourceOf();
    for (let count = 0; count < 3; count += 1) {
      expect((await failureOf(open(source, server.url))).code).toBe('source_status');
      await Promise.race([finish(answers[count], 'ne'), server.idle()]);
    }
    expect(server.sockets).toHaveLength(1);
  });

  test('are not used again when a body that nobody wants is long, or does not end', async () => {
    const server = await serve((request, response) => {
      response.writeHead(404, request.url === '/long' ? { 'content-length': 1_000_000 } : {});
      response.write('x');
    });
    const source = sourceOf();
    for (const path of ['/long', '/endless']) await failureOf(open(source, server.url + path));
    await server.idle();
  });
});

describe('a source that is closed', () => {
  test('has closed every connection, and closing again is nothing', async () => {
    const server = await serve((_, response) => response.end(pngOf()));
    const source = sourceOf();
    await Promise.all([open(source, server.url), open(source, server.url)]);
    await Promise.all([source.close(), source.close()]);
    await server.idle();
    await source.close();
  });

  test('fails what waits for bytes that an image still holds', async () => {
    const source = sourceOf({ maxHeldBytes: limits.maxBytes['image/png'] });
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.end(pngOf(600_000));
    });
    await open(source, server.url);
    const waiting = failureOf(open(source, server.url));
    while (server.sockets.length < 2) await nextTurn();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await source.close();
    expect((await waiting).message).toBe('the source was closed');
  });

  test('opens nothing more', async () => {
    const source = sourceOf();
    await source.close();
    await expect(open(source, 'http://127.0.0.1/')).rejects.toThrow(StateError);
  });

  test('fails what was on its way: in the lookup, the handshake, before the headers, in a body, waiting for bytes', async () => {
    const source = sourceOf({ maxHeldBytes: limits.maxBytes['image/png'], resolve: () => {} });
    const silent = await serveRaw(() => {});
    const half = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n');
      socket.write(pngOf(400_000));
    });
    const unsized = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.write(pngOf(900_000).subarray(0, 800_000));
    });
    const onItsWay = [
      open(source, 'http://pictures.example/'),
      open(source, silent.url.replace('http:', 'https:')),
      open(source, silent.url),
      open(source, half.url).then(bytesOf),
      open(source, unsized.url),
      open(source, unsized.url),
    ].map(failureOf);
    while (silent.sockets.length < 2 || half.sockets.length < 1 || unsized.sockets.length < 2)
      await nextTurn();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await source.close();
    for (const failure of await Promise.all(onItsWay))
      expect([failure.code, failure.message]).toEqual(['source_unreachable', 'the source was closed']);
    await Promise.all([silent.idle(), half.idle(), unsized.idle()]);
  });
});

test('a source keeps no listener on a signal it has done with', async () => {
  const server = await serve((request, response) => {
    response.statusCode = request.url === '/gone' ? 404 : 200;
    response.end(pngOf(request.url === '/small' ? 100 : 900_000));
  });
  const { signal } = new AbortController();
  const listeners = (): number => getEventListeners(signal, 'abort').length;
  const source = sourceOf();
  await failureOf(open(source, `${server.url}/gone`, { signal }));
  await open(source, `${server.url}/small`, { signal });
  expect(listeners()).toBe(0);
  const [read, unread] = [
    await open(source, server.url, { signal }),
    await open(source, server.url, { signal }),
  ];
  expect(listeners()).toBe(2);
  await bytesOf(read);
  expect(listeners()).toBe(1);
  unread.dispose();
  expect(listeners()).toBe(0);
});
