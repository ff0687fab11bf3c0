import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';

import { describe, expect, it } from 'vitest';

import { StateError } from '../../src/errors.ts';
import { TransferError } from '../../src/transfer-error.ts';
import {
  answer,
  bodyOf,
  clientId,
  closed,
  failureOf,
  formOf,
  hangUp,
  heldImage,
  hostFor,
  type Listener,
  never,
  repeated,
  serve,
  streamedImage,
  takeImage,
} from './imgur-server.ts';

const mebibyte = 1024 * 1024;

/** Calls back with each request that arrives and leaves the answer to the test. */
async function silentServer(onRequest: Listener = () => {}) {
  let arrived: (request: IncomingMessage) => void = () => {};
  const first = new Promise<IncomingMessage>((resolve) => {
    arrived = resolve;
  });
  const { url } = await serve((request, response) => {
    arrived(request);
    return onRequest(request, response);
  });
  return { url, first };
}

describe('an upload', () => {
  it('is one POST of a form, with the application and the length in its headers', async () => {
    const requests: IncomingMessage[] = [];
    let form: FormData | undefined;
    let length = 0;
    const { url } = await serve(async (request, response) => {
      requests.push(request);
      const body = await bodyOf(request);
      length = body.length;
      form = await new Response(new Uint8Array(body), {
        headers: { 'content-type': request.headers['content-type'] ?? '' },
      }).formData();
      answer(response, 200, {
        data: { link: 'https://i.imgur.com/gAGub9k.jpg', deletehash: 'abc123', width: 2, height: 3 },
        success: true,
      });
    });
    const options = { title: 'a "cat"\r\n--', description: 'ünï\n\ud800', album: 'AbC12', signal: never };
    const upload = await hostFor(url).upload(heldImage(), options);

    expect(upload).toMatchObject({
      link: 'https://i.imgur.com/gAGub9k.jpg',
      deleteHash: 'abc123',
      width: 2,
      height: 3,
    });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/3/image' });
    expect(requests[0]?.headers).toMatchObject({
      authorization: `Client-ID ${clientId}`,
      'content-length': `${length}`,
    });
    expect(requests[0]?.headers).not.toHaveProperty('transfer-encoding');
    const { image, ...fields } = Object.fromEntries(form ?? []);
    expect(fields).toEqual({
      type: 'file',
      title: 'a "cat"\r\n--',
      description: 'ünï\n\ufffd',
      album: 'AbC12',
    });
    expect(image).toMatchObject({ name: 'image.jpg', type: 'image/jpeg' });
    expect(await (image as File).text()).toBe('the image');
  });

  it.each([
    ['video/mp4', '/3/upload', 'image.mp4'],
    ['image/gif', '/3/image', 'image.gif'],
    ['image/apng', '/3/image', 'image.png'],
  ])('of %s goes to %s as %s', async (type, path, fileName) => {
    let form: FormData | undefined;
    const { url, first } = await silentServer(async (request, response) => {
      form = await formOf(request);
      answer(response, 200, { data: { link: 'https://i.imgur.com/a' } });
    });
    await hostFor(`${url}/behind/`).upload(heldImage(Buffer.from('x'), type), { signal: never });
    expect((await first).url).toBe(`/behind${path}`);
    expect([...(form?.keys() ?? [])]).toEqual(['type', 'image']);
    expect(form?.get('image')).toMatchObject({ name: fileName, type });
  });

  const chunk = Buffer.alloc(64 * 1024, 'imgferry');
  it.each([
    ['streamed', () => repeated(chunk, 1_024), 1_024],
    ['held in one write', () => [chunk, chunk], 2],
    ['held in many chunks', () => Array.from({ length: 160 }, () => chunk), 160],
  ])(
    'arrives as it was, %s, no faster than the host reads, its progress told',
    async (_what, body, times) => {
      const bytes = chunk.length * times;
      const digest = createHash('sha256');
      let received = 0;
      let aheadBytes = 0;
      const progress: number[] = [];
      const { url } = await serve(async (request, response) => {
        const pieces: Buffer[] = [];
        for await (const piece of request) {
          received += piece.length;
          aheadBytes = Math.max(aheadBytes, (progress.at(-1) ?? 0) - received);
          pieces.push(piece);
        }
        const whole = Buffer.concat(pieces);
        const start = whole.indexOf('\r\n\r\n', whole.indexOf('filename=')) + 4;
        digest.update(whole.subarray(start, start + bytes));
        answer(response, 200, { data: { link: 'https://i.imgur.com/a' } });
        expect(whole.length).toBe(Number(request.headers['content-length']));
      });
      const image = { type: 'image/gif', bytes, body: body(), dispose: () => {} };
      await hostFor(url).upload(image, {
        signal: never,
        onProgress: (sentBytes) => progress.push(sentBytes),
      });

      const expected = createHash('sha256');
      for (let i = 0; i < times; i++) expected.update(chunk);
      expect(digest.digest('hex')).toBe(expected.digest('hex'));
      expect(progress.at(-1)).toBe(bytes);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(aheadBytes).toBeLessThan(20 * mebibyte);
    },
  );

  it('reuses connections, after refusals too', async () => {
    const sockets = new Set<Socket>();
    const { url } = await serve(async (request, response) => {
      sockets.add(request.socket);
      await bodyOf(request);
      answer(response, 400, { data: { error: 'File is over the size limit' }, success: false });
    });
    const host = hostFor(url);
    for (let i = 0; i < 20; i++) {
      await failureOf(host.upload(heldImage(), { signal: never }));
      await failureOf(host.upload(streamedImage(repeated(Buffer.from('x'), 3), 3), { signal: never }));
    }
    // The client rests a connection for one turn of the event loop, so an upload at once takes a second one.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it('waits for a connection when all are in use', async () => {
    const sockets = new Set<Socket>();
    const { url } = await serve((request, response) => {
      sockets.add(request.socket);
      return takeImage(request, response);
    });
    const host = hostFor(url, { connections: 2 });
    await Promise.all(Array.from({ length: 12 }, () => host.upload(heldImage(), { signal: never })));
    expect(sockets.size).toBe(2);
  });

  it('reads rate headers whatever their case', async () => {
    const server = createTcpServer((socket) => {
      socket.on('data', () =>
        socket.end(
          'HTTP/1.1 200 OK\r\nX-RATELIMIT-UserRemaining: 490\r\nx-RateLimit-USERRESET: 60\r\nContent-Length: 43\r\n\r\n' +
            '{"data":{"link":"https://i.imgur.com/abc"}}',
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { reading } = await hostFor(`http://127.0.0.1:${port}`).upload(heldImage(), { signal: never });
    server.close();
    expect(reading?.buckets).toMatchObject([{ remaining: 49, resetInMs: 60_000 }]);
  });

  it.each([
    ['a type it does not take', heldImage(Buffer.from('x'), 'image/webp'), 'unsupported_type'],
    [
      'a type named like a property of objects',
      heldImage(Buffer.from('x'), 'constructor'),
      'unsupported_type',
    ],
    ['an image that is too large', heldImage(Buffer.alloc(11), 'image/png'), 'too_large'],
  ])('refuses %s without sending it', async (_what, image, code) => {
    const host = hostFor('http://127.0.0.1:1', { maxBytes: { 'image/png': 10 } });
    expect(await failureOf(host.upload(image, { signal: never }))).toMatchObject({
      code,
      notSent: true,
      retry: 'never',
    });
  });
});

describe('an upload whose connection fails', () => {
  it('was not sent when nobody listens', async () => {
    const { url, server } = await serve(() => {});
    server.close();
    const error = await failureOf(hostFor(url).upload(heldImage(), { signal: never }));
    expect(error).toMatchObject({
      code: 'host_unavailable',
      retry: 'soon',
      notSent: true,
      possiblyStored: false,
    });
    expect(error.message).toBe('Imgur could not be reached (ECONNREFUSED)');
  });

  it('was not sent when the name leads nowhere', async () => {
    const error = await failureOf(hostFor('https://nowhere.invalid').upload(heldImage(), { signal: never }));
    expect(error).toMatchObject({ code: 'host_unavailable', notSent: true });
  });

  it('was not sent when the other side does not speak TLS', async () => {
    const { url } = await serve(() => {});
    const error = await failureOf(
      hostFor(url.replace('http:', 'https:')).upload(heldImage(), { signal: never }),
    );
    expect(error).toMatchObject({ code: 'host_unavailable', notSent: true });
  });

  it('may be stored when it was sent whole', async () => {
    const { url } = await serve(async (request) => {
      await bodyOf(request);
      hangUp(request);
    });
    const error = await failureOf(hostFor(url).upload(heldImage(), { signal: never }));
    expect(error).toMatchObject({
      code: 'host_reply_lost',
      retry: 'later',
      possiblyStored: true,
      notSent: false,
    });
  });

  it('is not stored when it broke half way', async () => {
    const { url } = await serve((request) => {
      request.once('data', () => hangUp(request));
    });
    const image = streamedImage(repeated(Buffer.alloc(mebibyte), 100), 100 * mebibyte);
    const error = await failureOf(hostFor(url).upload(image, { signal: never }));
    expect(error).toMatchObject({ code: 'host_unavailable', possiblyStored: false, notSent: false });
  });

  it('may be stored when the answer of success is cut off', async () => {
    const { url } = await serve(async (request, response) => {
      await bodyOf(request);
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"data":', () => hangUp(request));
    });
    const error = await failureOf(hostFor(url).upload(heldImage(), { signal: never }));
    expect(error).toMatchObject({ code: 'host_reply_lost', possiblyStored: true });
  });

  it('is refused when the answer of a refusal is cut off', async () => {
    const { url } = await serve(async (request, response) => {
      await bodyOf(request);
      response.writeHead(429, { 'content-length': '1000', 'retry-after': '60' });
      response.write('{"data":', () => hangUp(request));
    });
    const error = await failureOf(hostFor(url).upload(heldImage(), { signal: never }));
    expect(error).toMatchObject({ code: 'host_rate_limited', retryAfterMs: 60_000 });
  });

  it('is read to at most 256 KiB', async () => {
    const { url, first } = await silentServer(async (request, response) => {
      await bodyOf(request);
      response.writeHead(503);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, '<p>')));
      };
      response.on('drain', more);
      more();
    });
    const error = await failureOf(hostFor(url).upload(heldImage(), { signal: never }));
    expect(error).toMatchObject({
      code: 'host_unavailable',
      message: 'Imgur is not available: it answered 503',
    });
    await closed(await first);
  });

  it('believes a refusal that comes before the image was sent', async () => {
    const { url } = await serve((request, response) => {
      request.once('data', () => answer(response, 429, { data: { error: 'Please wait 5 more minutes.' } }));
    });
    let pulled = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (; pulled < 1_000; pulled++) yield Buffer.alloc(64 * 1024);
    }
    const image = streamedImage(source(), 1_000 * 64 * 1024);
    const error = await failureOf(hostFor(url).upload(image, { signal: never }));
    expect(error).toMatchObject({ code: 'host_rate_limited', retryAfterMs: 300_000 });
    expect(pulled).toBeLessThan(1_000);
  });

  it('believes no link that comes before the image was sent', async () => {
    const { url } = await serve((request, response) => {
      request.once('data', () => answer(response, 200, { data: { link: 'https://i.imgur.com/abc' } }));
    });
    const image = streamedImage(repeated(Buffer.alloc(mebibyte), 100), 100 * mebibyte);
    const error = await failureOf(hostFor(url).upload(image, { signal: never }));
    expect(error).toMatchObject({ code: 'host_bad_reply', possiblyStored: true });
  });
});

describe('an upload whose source fails', () => {
  const truncated = new TransferError('truncated', 'the source ended early');
  const fault = new RangeError('a fault in a source');
  it.each([
    ['a TransferError', truncated],
    ['a fault of the source', fault],
  ])('fails with %s, untouched, and the host gets no end of it', async (_what, reason) => {
    let complete: boolean | undefined;
    const { url, first } = await silentServer((request) => {
      request.resume().on('close', () => {
        complete = request.complete;
      });
      request.on('error', () => {});
    });
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
      await first;
      throw reason;
    }
    await expect(hostFor(url).upload(streamedImage(source(), 20), { signal: never })).rejects.toBe(reason);
    await closed(await first);
    expect(complete).toBe(false);
  });

  it.each([
    ['streamed and short', streamedImage(repeated(Buffer.alloc(5), 3), 20), 'truncated'],
    ['streamed and long', streamedImage(repeated(Buffer.alloc(5), 9), 20), 'internal_error'],
    ['held and short', { ...heldImage(), bytes: 20 }, 'truncated'],
    ['held and long', { ...heldImage(), bytes: 2 }, 'internal_error'],
  ])('is never stored when it is %s', async (_what, image, code) => {
    let stored = 0;
    const { url } = await serve((request, response) => {
      request.on('error', () => {});
      request.resume().on('end', () => {
        stored += 1;
        answer(response, 200, { data: { link: 'https://i.imgur.com/abc' } });
      });
    });
    expect(await failureOf(hostFor(url).upload(image, { signal: never }))).toMatchObject({ code });
    expect(stored).toBe(0);
  });
});

describe('a host that is slow', () => {
  it('loses the reply when it gives none in time', async () => {
    const { url, first } = await silentServer((request) => void request.resume());
    const error = await failureOf(
      hostFor(url, { headersTimeoutMs: 40 }).upload(heldImage(), { signal: never }),
    );
    expect(error).toMatchObject({ code: 'host_reply_lost', possiblyStored: true });
    expect(error.message).toBe('Imgur was sent the image and it gave no answer within 40 ms');
    await closed(await first);
  });

  it('loses the reply when it does not finish it in time, however it drips', async () => {
    const { url } = await silentServer(async (request, response) => {
      await bodyOf(request);
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    });
    const error = await failureOf(hostFor(url, { idleTimeoutMs: 50 }).upload(heldImage(), { signal: never }));
    expect(error).toMatchObject({ code: 'host_reply_lost', possiblyStored: true });
  });

  it('is given up when it takes nothing of the image', async () => {
    const { url } = await silentServer();
    const image = streamedImage(repeated(Buffer.alloc(mebibyte), 100), 100 * mebibyte);
    const error = await failureOf(hostFor(url, { idleTimeoutMs: 50 }).upload(image, { signal: never }));
    expect(error).toMatchObject({ code: 'host_unavailable', possiblyStored: false });
    expect(error.message).toContain('took nothing of the request within 50 ms');
  });

  it('is not blamed for a source that is slow', async () => {
    const { url } = await serve(takeImage);
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(5);
      await new Promise((resolve) => setTimeout(resolve, 120));
      yield Buffer.alloc(5);
    }
    const options = { idleTimeoutMs: 40, headersTimeoutMs: 5_000 };
    await expect(
      hostFor(url, options).upload(streamedImage(source(), 10), { signal: never }),
    ).resolves.toBeDefined();
  });
});

describe('an abort', () => {
  const reason = new Error('the lease is lost');

  it('before the upload sends nothing', async () => {
    await expect(
      hostFor('http://127.0.0.1:1').upload(heldImage(), { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });

  it('while the image is sent ends the connection', async () => {
    const abort = new AbortController();
    const { url, first } = await silentServer((request) => {
      request.on('error', () => {});
      request.once('data', () => abort.abort(reason));
    });
    const image = streamedImage(repeated(Buffer.alloc(mebibyte), 100), 100 * mebibyte);
    await expect(hostFor(url).upload(image, { signal: abort.signal })).rejects.toBe(reason);
    await closed(await first);
  });

  it('while the source is silent ends the connection', async () => {
    const abort = new AbortController();
    let release = (): void => {};
    const { url, first } = await silentServer((request) => {
      request.on('error', () => {});
      request.once('data', () => abort.abort(reason));
    });
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(5);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    }
    await expect(hostFor(url).upload(streamedImage(source(), 10), { signal: abort.signal })).rejects.toBe(
      reason,
    );
    await closed(await first);
    release();
  });

  it('while the reply is awaited ends the connection', async () => {
    const abort = new AbortController();
    const { url, first } = await silentServer((request) => {
      request.resume().on('end', () => abort.abort(reason));
    });
    await expect(hostFor(url).upload(heldImage(), { signal: abort.signal })).rejects.toBe(reason);
    await closed(await first);
  });

  it('while it waits for a connection is heard at once, and sends nothing later', async () => {
    let requests = 0;
    let answerFirst = (): void => {};
    const { url, first } = await silentServer((request, response) => {
      requests += 1;
      answerFirst = () => void takeImage(request, response);
      if (requests > 1) answerFirst();
    });
    const host = hostFor(url, { connections: 1 });
    const running = host.upload(heldImage(), { signal: never });
    await first;
    const abort = new AbortController();
    const waiting = host.upload(heldImage(), { signal: abort.signal });
    // One turn of the event loop: the request is handed to the client and waits there.
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    answerFirst();
    await running;
    await host.upload(heldImage(), { signal: never });
    expect(requests).toBe(2);
  });

  it('leaves no listener behind', async () => {
    const { url } = await serve(takeImage);
    const abort = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = abort.signal;
    abort.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(abort.signal, args);
    };
    abort.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(abort.signal, args);
    };
    await hostFor(url).upload(heldImage(), { signal: abort.signal });
    expect(listeners).toBe(0);
  });
});

describe('closing the host', () => {
  it('ends what runs and refuses what comes', async () => {
    const { url, first } = await silentServer((request) => void request.resume());
    const host = hostFor(url);
    const running = failureOf(host.upload(heldImage(), { signal: never }));
    const request = await first;
    await Promise.all([host.close(), host.close(), running, closed(request)]);
    await expect(host.upload(heldImage(), { signal: never })).rejects.toThrow(StateError);
    await expect(host.delete('abc', { signal: never })).rejects.toThrow(StateError);
  });
});

describe('a delete', () => {
  const serveDelete = (status: number, body: unknown) =>
    silentServer((_request, response) => answer(response, status, body));

  it.each([
    ['it was done', 200, { data: true, success: true, status: 200 }],
    ['there was none', 404, { data: { error: 'not found' }, success: false }],
  ])('is fine when %s', async (_what, status, body) => {
    const { url, first } = await serveDelete(status, body);
    await hostFor(url).delete('aBc123', { signal: never });
    expect(await first).toMatchObject({ method: 'DELETE', url: '/3/image/aBc123' });
    expect((await first).headers.authorization).toBe(`Client-ID ${clientId}`);
  });

  it.each([
    ['a rate limit', 429, { data: { error: 'Please wait 5 more minutes.' } }, 'host_rate_limited'],
    ['an outage', 503, {}, 'host_unavailable'],
    ['a success that is none', 200, { data: false, success: false }, 'host_bad_reply'],
  ])('fails with %s', async (_what, status, body, code) => {
    const { url } = await serveDelete(status, body);
    expect(await failureOf(hostFor(url).delete('aBc123', { signal: never }))).toMatchObject({
      code,
      possiblyStored: false,
    });
  });

  it.each(['', '../image', 'a/b', 'a b', 'a?b', 'x'.repeat(65)])('is not sent for %j', async (hash) => {
    const error = await failureOf(hostFor('http://127.0.0.1:1').delete(hash, { signal: never }));
    expect(error).toMatchObject({ code: 'host_rejected', notSent: true });
  });
});
