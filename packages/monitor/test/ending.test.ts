import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Visitor } from '@imgferry/monitor';
import { LiveClient } from './live-client.ts';
import { createScene, here, origin, type Scene, type SceneChanges } from './scene.ts';
import { startMonitor } from './snippets/ending.ts';

const scenes: Scene[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const scene of scenes.splice(0)) await scene.stop();
});

function scene(changes: SceneChanges): Scene {
  const made = createScene(changes);
  scenes.push(made);
  return made;
}

const watching = `${origin}/api/live?watch=queue`;

describe('a monitor whose signal aborts', () => {
  it('ends its streams at once, looks no more, and answers 503 from then on, to the log nothing', async () => {
    const stopping = new AbortController();
    const { monitor, ask, store, logged } = scene({ signal: stopping.signal });
    const warned = vi.spyOn(process, 'emitWarning');
    const clients: LiveClient[] = [];
    for (let opened = 0; opened < 15; opened += 1)
      clients.push(new LiveClient(await monitor(new Request(watching), here)));
    for (const client of clients) await client.nextOf('change');
    const looked = vi.spyOn(store, 'stats');
    stopping.abort();
    for (const client of clients) expect(await client.ended()).toBe(true);
    for (const path of ['/', '/api/queue', '/api/live?watch=queue']) {
      const answer = await ask(path);
      expect([answer.status, answer.headers.has('retry-after')]).toEqual([503, true]);
    }
    expect([looked.mock.calls, logged, warned.mock.calls]).toEqual([[], [], []]);
  });

  it('opens no stream for somebody who was being let in at that moment', async () => {
    const stopping = new AbortController();
    const entered = Promise.withResolvers<Visitor>();
    const access = { authorize: () => entered.promise };
    const { monitor } = scene({ signal: stopping.signal, access });
    const answer = monitor(new Request(watching), here);
    stopping.abort();
    entered.resolve({ role: 'read', user: null });
    expect((await answer).status).toBe(503);
  });

  it('lets its server close although pages are open, then its uploader, and the store last', async () => {
    const { uploader, store } = scene({});
    const { server, stop } = startMonitor(uploader, store);
    const ended: string[] = [];
    server.once('close', () => ended.push('server'));
    void uploader.stopped.then(() => ended.push('uploader'));
    const closing = vi.spyOn(store, 'close').mockImplementation(async () => void ended.push('store'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const page = new LiveClient(await fetch(`http://127.0.0.1:${port}/api/live?watch=queue`));
    await page.nextOf('change');
    await stop();
    expect(await page.ended()).toBe(true);
    expect([ended, closing.mock.calls.length]).toEqual([['server', 'uploader', 'store'], 1]);
  });
});
