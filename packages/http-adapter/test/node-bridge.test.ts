import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import { type Logger, silentLogger } from '@imgferry/core';
import {
  createFetchHandler,
  type FetchHandler,
  type FetchHandlerOptions,
  type Next,
  toNodeHandler,
} from '@imgferry/http-adapter';
import { createService, type ServiceChanges } from './a-service.ts';
import { type Listening, listen } from './listen.ts';
import { connectRaw, type RawClient } from './raw-client.ts';

const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.stop();
});

async function serve(
  listener: (...args: Parameters<RequestListener>) => void | Promise<void>,
): Promise<Listening> {
  const listening = await listen(createServer((incoming, outgoing) => void listener(incoming, outgoing)));
  opened.push(listening);
  return listening;
}

async function client({ port }: Listening): Promise<RawClient> {
  const raw = await connectRaw(port);
  opened.push({ stop: () => raw.leave() });
  return raw;
}

function handlerOf(changes: ServiceChanges & { options?: FetchHandlerOptions } = {}): FetchHandler {
  const service = createService(changes);
  opened.push(service);
  return createFetchHandler(service.uploader, { logger: silentLogger, ...changes.options });
}

const endpoints = (changes: Parameters<typeof handlerOf>[0] = {}): Promise<Listening> =>
  serve(toNodeHandler(handlerOf(changes)));

const postHead = (...headers: string[]): string =>
  ['POST /v1/images/upload HTTP/1.1', 'Host: a', 'Content-Type: application/json', ...headers, '', ''].join(
    '\r\n',
  );

const get = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');

const statuses = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => String(status));

describe('a body on a connection', () => {
  it('that comes too slowly is 408, and the connection is closed', async () => {
    const raw = await client(await endpoints({ options: { bodyTimeoutMs: 50 } }));
    raw.send(`${postHead('Content-Length: 1000')}{"urls"`);
    const text = await raw.closed();
    expect(statuses(text)).toEqual(['408']);
    expect(text).toMatch(/^connection: close\r$/im);
  });

  it('that announces too much is 413 before any of it is sent', async () => {
    const raw = await client(await endpoints());
    raw.send(postHead('Content-Length: 99999999'));
    expect(statuses(await raw.closed())).toEqual(['413']);
  });

  it('without a length is cut off at the limit, and its sender gets to read why', async () => {
    const raw = await client(await endpoints({ options: { maxBodyBytes: 100_000 } }));
    raw.send(postHead('Transfer-Encoding: chunked'));
    const chunk = `2710\r\n${'x'.repeat(10_000)}\r\n`;
    let sent = 0;
    while (!raw.socket.destroyed && !raw.received.includes('\r\n\r\n')) {
      sent += 10_000;
      if (!raw.socket.write(chunk)) await Promise.race([once(raw.socket, 'drain'), raw.closed()]);
      await nextTurn();
    }
    const text = await raw.until(/"status":413/);
    expect(statuses(text)).toEqual(['413']);
    expect(text).toMatch(/^connection: close\r$/im);
    expect(sent).toBeGreaterThanOrEqual(100_000);
    await raw.closed();
  });

  it('that is refused for what it is, unread, ends the connection too', async () => {
    const raw = await client(await endpoints());
    raw.send(postHead('Content-Length: 99999999', 'Content-Encoding: gzip'));
    const text = await raw.closed();
    expect(statuses(text)).toEqual(['415']);
    expect(text).toMatch(/^connection: close\r$/im);
  });

  it('that its sender gives up is nobody’s fault, and everything is let go', async () => {
    const logged: string[] = [];
    const log = (_facts: object, message: string): void => void logged.push(message);
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    const handle = toNodeHandler(handlerOf({ options: { logger } }), { logger });
    const seen = Promise.withResolvers<IncomingMessage>();
    const listening = await serve((incoming, outgoing) => {
      seen.resolve(incoming);
      handle(incoming, outgoing);
    });
    const raw = await client(listening);
    raw.send(`${postHead('Content-Length: 1000')}{"urls"`);
    const incoming = await seen.promise;
    await nextTurn();
    expect(incoming.listenerCount('readable')).toBe(1);
    const gone = new Promise((resolve) => incoming.on('close', resolve));
    await raw.leave();
    await gone;
    await nextTurn();
    expect(incoming.listenerCount('readable') + incoming.listenerCount('end')).toBe(0);
    expect(logged).toEqual([]);
  });

  it('that a parser left nothing of is 500, and says what to do', async () => {
    const handle = toNodeHandler(handlerOf());
    const { url } = await serve(async (incoming, outgoing) => {
      for await (const _ of incoming);
      handle(incoming, outgoing);
    });
    const answer = await fetch(`${url}/v1/images/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"urls":["https://a.example"]}',
    });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({
      detail: expect.stringContaining('mount this handler before it'),
    });
  });

  it.each([
    ['an object', (text: string): unknown => JSON.parse(text)],
    ['text', (text: string): unknown => text],
    ['bytes', (text: string): unknown => Buffer.from(text)],
  ])('may have been read into %s', async (_name, parse) => {
    const handle = toNodeHandler(handlerOf());
    const { url } = await serve(async (incoming, outgoing) => {
      const text = Buffer.concat(await Array.fromAsync<Buffer>(incoming)).toString();
      handle(Object.assign(incoming, { body: parse(text) }), outgoing);
    });
    const answer = await fetch(`${url}/v1/images/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"urls":["https://a.example"]}',
    });
    expect(answer.status).toBe(202);
    await answer.text();
  });
});

describe('requests on one connection', () => {
  it('are answered one after the other, also after an error', async () => {
    const raw = await client(await endpoints());
    const bad = 'not json';
    raw.send(
      `${postHead(`Content-Length: ${bad.length}`)}${bad}` +
        get('/v1/images/upload/nothing') +
        get('/healthz') +
        get('/v1/images', 'Connection: close'),
    );
    const text = await raw.closed();
    expect(statuses(text)).toEqual(['400', '404', '200', '200']);
    expect(text).toMatch(/"status":"alive"[\s\S]*"uploaded":\[\]/);
  });

  it('are not found in a body that was refused unread', async () => {
    const raw = await client(await endpoints());
    raw.send(postHead('Content-Length: 99999999') + get('/healthz'));
    expect(statuses(await raw.closed())).toEqual(['413']);
  });

  it('that say two lengths are refused', async () => {
    const raw = await client(await endpoints());
    raw.send(`${postHead('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${get('/healthz')}`);
    expect(statuses(await raw.closed())).toEqual(['400']);
  });
});

describe('a streamed answer', () => {
  const endless = (): ServiceChanges & { pulled(): number } => {
    let pages = 0;
    return {
      pulled: () => pages,
      store: () => ({
        links: async () => {
          pages += 1;
          return {
            items: Array.from({ length: 1_000 }, () => `https://img.example/${'x'.repeat(100)}`),
            next: 'more',
          };
        },
      }),
    };
  };

  it('waits for its reader, and ends when the reader leaves', async () => {
    const changes = endless();
    const raw = await client(await endpoints(changes));
    raw.send(get('/v1/images'));
    await raw.until(/"uploaded":\[/);
    raw.socket.pause();
    let before = -1;
    while (changes.pulled() !== before) {
      before = changes.pulled();
      for (let turn = 0; turn < 200; turn += 1) await nextTurn();
    }
    expect(before).toBeLessThan(200);
    await raw.leave();
    let after = -1;
    while (changes.pulled() !== after) {
      after = changes.pulled();
      for (let turn = 0; turn < 200; turn += 1) await nextTurn();
    }
    expect(after - before).toBeLessThanOrEqual(1);
  });

  it('of a wrapped handler is cancelled when the reader leaves, also while nothing comes', async () => {
    const cancelled = Promise.withResolvers<void>();
    const body = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        start: (controller) => controller.enqueue(Buffer.from('first')),
        cancel: () => cancelled.resolve(),
      });
    const raw = await client(await serve(toNodeHandler(async () => new Response(body()))));
    raw.send(get('/'));
    await raw.until(/first/);
    await raw.leave();
    await cancelled.promise;
  });

  it('that breaks off ends the connection, so that nobody takes it for whole', async () => {
    let pages = 0;
    const raw = await client(
      await endpoints({
        store: () => ({
          links: async () => {
            pages += 1;
            if (pages > 1) throw new Error('hunter2');
            return { items: ['https://img.example/1'], next: 'more' };
          },
        }),
      }),
    );
    raw.send(get('/v1/images'));
    const text = await raw.closed();
    expect(text).toContain('https://img.example/1');
    expect(text).not.toMatch(/hunter2|\r\n0\r\n\r\n$/);
  });
});

describe('the way to an endpoint', () => {
  it('may be a whole URL', async () => {
    const raw = await client(await endpoints());
    raw.send(get('http://service.example/healthz', 'Connection: close'));
    expect(statuses(await raw.closed())).toEqual(['200']);
  });

  it.each(['/v1/images/../images', '/v1/./images', '/v1/images#x', '*', '/v1\\images', '//healthz'])(
    'is not %s',
    async (target) => {
      const raw = await client(await endpoints());
      raw.send(get(target, 'Connection: close'));
      expect(statuses(await raw.closed())[0]).toMatch(/^40[04]$/);
    },
  );

  it('shows authorize the path that is served, whatever Host says', async () => {
    const paths: string[] = [];
    const authorize = ({ url }: Request): undefined => void paths.push(new URL(url).pathname);
    const listening = await endpoints({ options: { authorize } });
    for (const host of ['a', 'a/public?', 'user@a', 'a#', '[::1]:8080', ''])
      await (async () => {
        const raw = await client(listening);
        raw.send(`GET /v1/images HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
        expect(statuses(await raw.closed())).toEqual(['200']);
      })();
    expect(new Set(paths)).toEqual(new Set(['/v1/images']));
    expect(paths).toHaveLength(6);
  });

  it('begins with a pipelined request when its turn has come, and with none of a client who is gone', async () => {
    const begun: string[] = [];
    const first = Promise.withResolvers<void>();
    const listening = await serve(
      toNodeHandler(async (request: Request) => {
        begun.push(new URL(request.url).pathname);
        if (begun.length === 1) await first.promise;
        return new Response('ok');
      }),
    );
    const raw = await client(listening);
    raw.send(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    while (begun.length === 0) await nextTurn();
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(begun).toEqual(['/1']);
    first.resolve();
    await raw.until(/ok.*ok.*ok/s);
    expect(begun).toEqual(['/1', '/2', '/3']);
  });

  it('closes a connection on which more requests wait than any client sends', async () => {
    const first = Promise.withResolvers<void>();
    let begun = 0;
    const listening = await serve(
      toNodeHandler(async () => {
        begun += 1;
        await first.promise;
        return new Response('ok');
      }),
    );
    const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const patient = await client(listening);
    patient.send(`${request.repeat(100)}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    const greedy = await client(listening);
    greedy.send(request.repeat(102));
    expect(await greedy.closed()).toBe('');
    first.resolve();
    expect(statuses(await patient.closed())).toEqual(Array(101).fill('200'));
    // Of the greedy one only the first had a turn.
    expect(begun).toBe(102);
  });

  it('serves no path that a URL reads as another one, which hooks would be shown', async () => {
    const shown: string[] = [];
    const operator = ({ url }: Request): undefined => void shown.push(new URL(url).pathname);
    const raw = await client(await serve(toNodeHandler(handlerOf({ options: { operator } }))));
    const paths = ['%2e%2e', '..', '.', 'a\\..\\..\\images', 'a#', 'a"', 'a'].map(
      (host) => `/v1/hosts/${host}/pause`,
    );
    raw.send(paths.map((path) => `POST ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    await raw.until(/pausedHosts/);
    expect(statuses(raw.received)).toEqual(['404', '404', '404', '404', '404', '404', '200']);
    expect(shown).toEqual(['/v1/hosts/a/pause']);
  });

  it('is not open to TRACE, also through a wrapped handler', async () => {
    const handler = handlerOf();
    for (const mounted of [handler, (request: Request) => handler(request)]) {
      const raw = await client(await serve(toNodeHandler(mounted, { logger: silentLogger })));
      raw.send('TRACE /v1/images HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      expect(statuses(await raw.closed())).toEqual(['405']);
    }
  });

  it('answers TRACE to a wrapped handler with what keeps browsers from keeping and framing it', async () => {
    const raw = await client(
      await serve(toNodeHandler(async () => new Response('never'), { logger: silentLogger })),
    );
    raw.send('TRACE /v1/images HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const answer = await raw.closed();
    expect(answer).toMatch(/^allow: GET, HEAD, POST\r$/im);
    expect(answer).toMatch(/^cache-control: no-store\r$/im);
    expect(answer).toMatch(/^content-security-policy: default-src 'none'/im);
    expect(answer).toMatch(/^x-content-type-options: nosniff\r$/im);
  });
});

describe('next', () => {
  const passing = async (handler: FetchHandler): Promise<{ url: string; passed: unknown[] }> => {
    const passed: unknown[] = [];
    const handle = toNodeHandler(handler, { logger: silentLogger });
    const { url } = await serve((incoming, outgoing) => {
      const next: Next = (error) => {
        passed.push(error);
        outgoing.writeHead(299).end();
      };
      handle(incoming, outgoing, next);
    });
    return { url, passed };
  };

  it.each(['as it is', 'wrapped'])(
    'gets a path without an endpoint, and no other, from a handler %s',
    async (how) => {
      const handler = handlerOf();
      const { url, passed } = await passing(how === 'wrapped' ? (request) => handler(request) : handler);
      expect((await fetch(`${url}/elsewhere`)).status).toBe(299);
      expect((await fetch(`${url}/v1/images/upload/nothing`)).status).toBe(404);
      expect((await fetch(`${url}/v1/images`, { method: 'PUT' })).status).toBe(405);
      expect(passed).toEqual([undefined]);
    },
  );

  it('gets what another handler marks as nothing of its own; without it that is sent', async () => {
    const handler = async (request: Request): Promise<Response> => {
      const answer = new Response('nothing here', { status: 404 });
      const mark = { [Symbol.for('imgferry.unrouted')]: true };
      return new URL(request.url).pathname === '/mine' ? answer : Object.assign(answer, mark);
    };
    const { url, passed } = await passing(handler);
    expect((await fetch(`${url}/mine`)).status).toBe(404);
    expect((await fetch(`${url}/elsewhere`)).status).toBe(299);
    expect(passed).toEqual([undefined]);
    const alone = await serve(toNodeHandler(handler));
    expect(await (await fetch(`${alone.url}/elsewhere`)).text()).toBe('nothing here');
  });

  it('gets what a wrapped handler throws', async () => {
    const error = new Error('theirs');
    const { url, passed } = await passing(async () => {
      throw error;
    });
    expect((await fetch(url)).status).toBe(299);
    expect(passed).toEqual([error]);
  });

  it('is not needed: then what a wrapped handler throws is logged, and answered without a word of it', async () => {
    const logged: object[] = [];
    const log: Logger['error'] = (facts) => void logged.push(facts);
    const error = new Error('hunter2');
    const { url } = await serve(
      toNodeHandler(() => Promise.reject(error), {
        logger: { debug: log, info: log, warn: log, error: log },
      }),
    );
    const answer = await fetch(url);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('hunter2');
    expect(logged).toEqual([{ err: expect.objectContaining({ message: 'hunter2' }) }]);
  });
});

describe('a wrapped handler', () => {
  it('sees the request, its body and its end, and its cookies arrive', async () => {
    const { url } = await serve(
      toNodeHandler(async (request) => {
        const headers = new Headers({ 'x-asked': request.headers.get('x-ask') ?? '' });
        headers.append('set-cookie', 'a=1');
        headers.append('set-cookie', 'b=2');
        return new Response(`${request.method} ${new URL(request.url).search} ${await request.text()}`, {
          status: 201,
          headers,
        });
      }),
    );
    const answer = await fetch(`${url}/x?y=1`, { method: 'POST', body: 'hello', headers: { 'x-ask': 'z' } });
    expect([
      answer.status,
      answer.headers.get('x-asked'),
      answer.headers.getSetCookie(),
      await answer.text(),
    ]).toEqual([201, 'z', ['a=1', 'b=2'], 'POST ?y=1 hello']);
  });

  it('is told by the signal that its client is gone', async () => {
    const aborted = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const raw = await client(
      await serve(
        toNodeHandler(async ({ signal }) => {
          signal.addEventListener('abort', () => aborted.resolve());
          asked.resolve();
          await aborted.promise;
          return new Response();
        }),
      ),
    );
    raw.send(get('/'));
    await asked.promise;
    await raw.leave();
    await aborted.promise;
  });
});

describe('a handler of somebody else', () => {
  it('is told of the connection beside the request', async () => {
    const told: unknown[] = [];
    const server = await serve(
      toNodeHandler(async (_request, connection) => {
        told.push(connection);
        return new Response('ok');
      }),
    );
    expect(await (await fetch(server.url)).text()).toBe('ok');
    expect(told).toEqual([{ remoteAddress: '127.0.0.1' }]);
  });
});
