import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterAll, describe, expect, it, vi } from 'vitest';

import { tableRows } from '../../../tests/setup/table-rows.ts';
import { resolveOptions } from '../src/options.ts';
import { routes } from '../src/routes.ts';
import { createScene, origin } from './scene.ts';
import { monitors } from './snippets/access.ts';
import { html, icon, script, style } from '#page';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README of the monitor', () => {
  it('tells every endpoint there is, and no other', () => {
    const told = tableRows(readme, 'endpoints').flatMap(([request = '']) =>
      [...request.matchAll(/`([A-Z]+ \/[^` ]*)`/g)].map(([, line = '']) => line),
    );
    const there = routes
      .filter(({ path }) => !path.startsWith('/page-'))
      .map(({ method, path }) => `${method} ${path}`);
    expect(told.toSorted()).toEqual(there.toSorted());
  });

  it('tells every option', () => {
    const told = tableRows(readme, 'options').map(([option]) => option?.replaceAll('`', ''));
    const { gate: _, ...others } = resolveOptions({ access: { anonymous: 'read' } });
    expect(told).toEqual(['access', ...Object.keys(others)]);
  });

  it('and the decision about the page tell what it weighs, to some kilobytes', () => {
    const decision = new URL('../../../decisions/024-the-page-is-tsx-bundled-on-import.md', import.meta.url);
    const told = [
      /It weighs (\d+) kB/.exec(readme)?.[1],
      /about (\d+) kB together/.exec(readFileSync(decision, 'utf8'))?.[1],
    ];
    const bytes = [html, script, style, icon].reduce((sum, text) => sum + gzipSync(text).length, 0);
    for (const kB of told) expect(Math.abs(Number(kB) - bytes / 1_000)).toBeLessThan(4);
  });
});

describe('the programs of the README', () => {
  const scene = createScene();
  afterAll(() => scene.stop());

  const statusOf = async (
    name: string,
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<number | undefined> => {
    const monitor = monitors(scene.uploader)[name];
    return (await monitor?.(new Request(`${origin}${path}`, { method, headers })))?.status;
  };

  it('ask for a password', async () => {
    const authorization = `Basic ${Buffer.from('prometheus:battery staple').toString('base64')}`;
    expect(await statusOf('withUsers', '/metrics')).toBe(401);
    expect(await statusOf('withUsers', '/metrics', { authorization })).toBe(200);
    expect(await statusOf('withUsers', '/api/queue/pause', { authorization }, 'POST')).toBe(403);
  });

  it('ask the login of the application', async () => {
    expect(await statusOf('withYourLogin', '/ops/')).toBe(302);
    expect(await statusOf('withYourLogin', '/ops/', { cookie: 'somebody' })).toBe(200);
    const write = { 'x-imgferry-monitor': '1' };
    const path = '/ops/api/queue/resume';
    expect(await statusOf('withYourLogin', path, { ...write, cookie: 'somebody' }, 'POST')).toBe(403);
    expect(await statusOf('withYourLogin', path, { ...write, cookie: 'operator' }, 'POST')).toBe(200);
  });

  it('let everyone look', async () => {
    expect(await statusOf('forEveryone', '/')).toBe(200);
  });
});

describe('the servers of the README', () => {
  const servers: Server[] = [];
  afterAll(() => {
    vi.unstubAllEnvs();
    for (const server of servers) server.close().closeAllConnections();
  });

  const urlOf = async (server: Server): Promise<string> => {
    servers.push(server);
    if (!server.listening) await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it('serve the monitor by itself', async () => {
    vi.stubEnv('MONITOR_PORT', '0');
    const url = await urlOf((await import('./snippets/node-http.ts')).parts.server);
    expect((await fetch(`${url}/`)).headers.get('content-type')).toMatch('text/html');
    expect((await fetch(`${url}/api/overview`)).status).toBe(200);
  });

  it('serve the endpoints, the monitor below its path, and the rest of the application', async () => {
    vi.stubEnv('PORT', '0');
    const { server, stop, uploader } = (await import('./snippets/beside.ts')).parts;
    const url = await urlOf(server);
    expect(await (await fetch(`${url}/v1/images`)).json()).toEqual({ uploaded: [] });
    expect((await fetch(`${url}/ops/`)).headers.get('content-type')).toMatch('text/html');
    expect((await fetch(`${url}/ops/api/overview`)).status).toBe(200);
    expect(await (await fetch(`${url}/hello`)).text()).toBe('the rest of your application\n');
    await stop();
    expect(server.listening).toBe(false);
    await uploader.stopped;
  });
});
