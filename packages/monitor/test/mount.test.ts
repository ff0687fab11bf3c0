import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterEach, describe, expect, it } from 'vitest';

import { silentLogger } from '@imgferry/core';
import { toNodeHandler } from '@imgferry/http-adapter';
import { type Listening, listen } from './listen.ts';
import { createScene, type Scene, type SceneChanges } from './scene.ts';

const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.stop();
});

function scene(changes: SceneChanges = {}): Scene {
  const made = createScene({ basePath: '/ops', ...changes });
  opened.push(made);
  return made;
}

const users = { access: { users: [{ user: 'ann', password: 'correct horse', role: 'write' }] } } as const;
const asAnn = { authorization: `Basic ${Buffer.from('ann:correct horse').toString('base64')}` };

/** A server that has the monitor, and something of its own behind it. */
async function besideAnother({ monitor }: Scene): Promise<Listening> {
  const handle = toNodeHandler(monitor, { logger: silentLogger });
  const listening = await listen((incoming, outgoing) => {
    handle(incoming, outgoing, () => outgoing.end('the rest of the server'));
  });
  opened.push(listening);
  return listening;
}

describe('a monitor below a path', () => {
  it.each(['/', '/opsy', '/ops-other/', '/OPS/', '/healthz', '/api/overview', '//ops/', '/%6fps/'])(
    'leaves %s to the server, and asks nobody who they are',
    async (path) => {
      const { url } = await besideAnother(scene(users));
      for (const init of [{}, { method: 'POST' }, { headers: { 'sec-fetch-site': 'cross-site' } }])
        expect(await (await fetch(`${url}${path}`, init)).text()).toBe('the rest of the server');
    },
  );

  it('leaves the body of what is not its own unread', async () => {
    const handle = toNodeHandler(scene(users).monitor, { logger: silentLogger });
    const { url, stop } = await listen((incoming, outgoing) => {
      handle(incoming, outgoing, () => void incoming.pipe(outgoing));
    });
    opened.push({ stop });
    expect(await (await fetch(`${url}/echo`, { method: 'POST', body: 'all of it' })).text()).toBe(
      'all of it',
    );
  });

  it.each(['/ops', '/ops/', '/ops/nothing', '/ops//', '/ops/healthz', '/other/../ops/api/jobs'])(
    'answers %s itself, and tells nothing of it without a password',
    async (path) => {
      const { monitor } = scene(users);
      const answer = await monitor(new Request(`http://127.0.0.1${path}`));
      expect(answer.status).toBe(401);
      expect(Reflect.get(answer, Symbol.for('imgferry.unrouted'))).toBeUndefined();
    },
  );

  it('answers what is not there below it, although the server has more', async () => {
    const { url } = await besideAnother(scene(users));
    const answer = await fetch(`${url}/ops/nothing`, { headers: asAnn });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    expect((await fetch(`${url}/ops/`, { headers: asAnn })).status).toBe(200);
  });

  it('says 404 of what is beside it where there is nobody to hand it to', async () => {
    const { ask, serve } = scene(users);
    const answer = await ask('/elsewhere');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await fetch(`${(await serve()).url}/elsewhere`)).status).toBe(404);
  });

  it('that is everything has nothing beside it', async () => {
    const { url } = await besideAnother(scene({ ...users, basePath: '' }));
    expect((await fetch(`${url}/elsewhere`)).status).toBe(401);
    expect((await fetch(`${url}/elsewhere`, { headers: asAnn })).status).toBe(404);
  });
});

describe('a monitor on a Unix socket', () => {
  const overSocket = async (changes: SceneChanges): Promise<[number | undefined, string]> => {
    const folder = await mkdtemp(join(tmpdir(), 'imgferry-'));
    const server = createServer(toNodeHandler(scene(changes).monitor, { logger: silentLogger }));
    opened.push({
      stop: async () => {
        server.close().closeAllConnections();
        await rm(folder, { recursive: true });
      },
    });
    const socketPath = join(folder, 'monitor.sock');
    await once(server.listen(socketPath), 'listening');
    const asked = get({ socketPath, path: '/ops/healthz', headers: asAnn });
    const [reply]: IncomingMessage[] = await once(asked, 'response');
    if (reply === undefined) throw new Error('there was no reply');
    return [reply.statusCode, await text(reply)];
  };

  it('lets in whom users lets in, and nobody by loopback, and says what it needs instead', async () => {
    expect(await overSocket(users)).toEqual([200, expect.any(String)]);
    const [status, problem] = await overSocket({});
    expect(status).toBe(403);
    expect(problem).toMatch(/Unix socket give the monitor users, authorize or anonymous/);
  });
});
