import { readFileSync } from 'node:fs';

import { afterAll, describe, expect, it } from 'vitest';

import { tableRows } from '../../../tests/setup/table-rows.ts';
import { resolveOptions } from '../src/options.ts';
import { routes } from '../src/routes.ts';
import { createScene, origin } from './scene.ts';
import { monitors } from './snippets/access.ts';
import { onThisMachine } from './snippets/node-http.ts';

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

  it('let everyone look, and serve this machine', async () => {
    expect(await statusOf('forEveryone', '/')).toBe(200);
    const server = onThisMachine(scene.uploader, 0);
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect((await fetch(`http://127.0.0.1:${port}/api/overview`)).status).toBe(200);
    server.close();
    server.closeAllConnections();
  });
});
