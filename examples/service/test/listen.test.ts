import { createServer, type RequestListener, type Server } from 'node:http';

import { afterEach, describe, expect, it } from 'vitest';

import { ConfigError } from '../src/env.ts';
import { closeAfter, listen } from '../src/listen.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

function newServer(handler: RequestListener = (_request, response) => void response.end('fine')): Server {
  const server = createServer(handler);
  servers.push(server);
  return server;
}

describe('listening', () => {
  it.each([
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['0.0.0.0', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['localhost', /^http:\/\/localhost:\d+$/],
  ])('on %s answers a URL that works', async (host, url) => {
    const address = await listen(newServer(), host, 0);
    expect(address).toMatch(url);
    expect(await (await fetch(address)).text()).toBe('fine');
  });

  it('on a port in use is refused with a sentence', async () => {
    const { port } = new URL(await listen(newServer(), '127.0.0.1', 0));
    await expect(listen(newServer(), '127.0.0.1', Number(port))).rejects.toThrow(
      new ConfigError(`PORT ${port} on 127.0.0.1 is in use by another program; set PORT to a free one`),
    );
  });

  it('on an address of another machine is refused with a sentence', async () => {
    await expect(listen(newServer(), '192.0.2.1', 0)).rejects.toThrow(
      new ConfigError(
        'HOST "192.0.2.1" can not be listened on (EADDRNOTAVAIL); set it to an address of this machine',
      ),
    );
  });
});

describe('closing', () => {
  it('lets an answer that has begun be finished', async () => {
    const server = newServer((_request, response) => {
      response.write('begun, ');
      server.once('finish it', () => response.end('finished'));
    });
    const response = await fetch(await listen(server, '127.0.0.1', 0));
    const closed = closeAfter(server, Promise.resolve(), 5_000);
    server.emit('finish it');
    expect(await response.text()).toBe('begun, finished');
    await closed;
  });

  it('cuts an answer that never ends once its time is over, and not before the work is done', async () => {
    const server = newServer((_request, response) => void response.write('for ever'));
    const response = await fetch(await listen(server, '127.0.0.1', 0));
    const cut = expect(response.text()).rejects.toThrow('terminated');
    const work = Promise.withResolvers<void>();
    let closed = false;
    const closing = closeAfter(server, work.promise, 30).then(() => {
      closed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toBe(false);
    work.resolve();
    await Promise.all([closing, cut]);
    expect(server.listening).toBe(false);
  });
});
