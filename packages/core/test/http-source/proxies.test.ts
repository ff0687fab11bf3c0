import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { pngOf } from './images.ts';
import { type Loopback, serve, serveRaw } from './loopback.ts';

const program = fileURLToPath(new URL('fetch-one.fixture.ts', import.meta.url));

test('a proxy of the environment is not asked, though the process that fetches was started with one', async () => {
  const proxy = await serveRaw((socket) =>
    socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'),
  );
  const server = await serve((_, response) => response.end(pngOf()));
  expect(await run(proxy, server.url)).toBe('image/png');
  expect([proxy.sockets.length, server.sockets.length]).toEqual([0, 1]);
  // And it would be, by whoever heeds them.
  expect(await run(proxy, server.url, 'heeding it')).not.toBe('200');
  expect([proxy.sockets.length, server.sockets.length]).toEqual([1, 1]);
});

/** Runs the program with every variable set that names a proxy, and tells what it printed. */
async function run(proxy: Loopback, ...args: string[]): Promise<string> {
  const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];
  const proxies = Object.fromEntries(names.map((name) => [name, proxy.url]));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@imgferry/source', program, ...args],
    { env: { PATH: process.env.PATH, NODE_USE_ENV_PROXY: '1', NO_PROXY: '', ...proxies } },
  );
  return stdout;
}
