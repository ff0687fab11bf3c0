import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { type Lease, silentLogger } from '@imgferry/core';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { settle } from '../packages/http-adapter/test/a-run.ts';
import { createService } from '../packages/http-adapter/test/a-service.ts';
import { chromiumArguments, chromiumBinary } from './setup/chromium.ts';

const readme = readFileSync(new URL('../packages/http-adapter/README.md', import.meta.url), 'utf8');
const [, program = ''] =
  /snippets\/event-source\.ts#event-source -->\n```ts\n([\s\S]*?)```/.exec(readme) ?? [];

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: chromiumBinary(), args: [...chromiumArguments] });
}, 180_000);
afterAll(() => browser?.close());

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** A page with the program of the README, whose endpoints are at another origin, and what it notes beside. */
const page = (endpoints: string, jobId: string): string => `<!doctype html>
<title>A job</title>
<progress id="bar"></progress>
<div id="uploads"></div>
<script>
  const Own = EventSource;
  globalThis.EventSource = function (path) { return new Own('${endpoints}' + path); };
  EventSource.CLOSED = Own.CLOSED;
  const jobId = '${jobId}';
  const bar = document.getElementById('bar');
  ${program}
  globalThis.events = events;
  globalThis.unclosed = new EventSource('/images/v1/images/upload/' + jobId + '/events?unclosed');
  globalThis.errors = [];
  for (const [name, source] of Object.entries({ events, unclosed }))
    source.addEventListener('error', () => errors.push([name, source.readyState]));
  globalThis.heard = [];
  const names = ['snapshot', 'gap', 'job:started', 'job:finished', 'upload:completed', 'upload:failed'];
  for (const name of names)
    events.addEventListener(name, ({ data, lastEventId }) => heard.push({ name, lastEventId, data: JSON.parse(data) }));
  events.addEventListener('upload:progressed', ({ data }) => {
    const { index, sentBytes, totalBytes } = JSON.parse(data);
    const own = document.createElement('progress');
    Object.assign(own, { id: 'upload-' + index, max: totalBytes, value: sentBytes });
    document.getElementById('uploads').append(own);
  });
</script>`;

interface Told {
  readonly name: string;
  readonly lastEventId: string;
  readonly data: { readonly index: number; readonly job: { readonly complete: number } };
}

/** A service, and a page of another origin that shows one of its jobs. */
async function scene({
  allowed,
  maxEvents = 1_000,
}: {
  readonly allowed: boolean;
  readonly maxEvents?: number;
}) {
  // The shortest time after which a client comes back.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const service = createService({}, () => new MemoryStore({ maxEvents }));
  closers.push(() => service.stop());
  const asked: IncomingMessage[] = [];
  let handle: RequestListener = (_, outgoing) => void outgoing.destroy();
  const endpoints = await listen((incoming, outgoing) => {
    asked.push(incoming);
    handle(incoming, outgoing);
  });
  const urls = Array.from({ length: 20 }, (_, at) => `https://source.example/${at}`);
  const { jobId } = await service.uploader.submit(urls);
  const pages = await listen((_, outgoing) => {
    outgoing.setHeader('content-type', 'text/html');
    outgoing.end(page(endpoints.origin, jobId));
  });
  const cors = { origins: [allowed ? pages.origin : 'https://app.example.com'] };
  const handler = createFetchHandler(service.uploader, { basePath: '/images', cors, logger: silentLogger });
  handle = toNodeHandler(handler);
  const shown = await browser.newPage();
  closers.push(() => shown.close());
  await shown.goto(pages.origin);
  return { ...service, shown, asked, cut: () => endpoints.server.closeAllConnections() };
}

const heard = (shown: Page): Promise<readonly Told[]> => shown.evaluate('heard');
const completed = async (shown: Page): Promise<number[]> =>
  (await heard(shown)).filter(({ name }) => name === 'upload:completed').map(({ data }) => data.index);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe('the EventSource of a browser', () => {
  it('shows a job to its end: cut off it comes back, misses nothing, hears nothing twice, and stops', async () => {
    expect(program).toContain('new EventSource');
    const { store, shown, asked, cut } = await scene({ allowed: true });
    await shown.waitForFunction('heard.length === 1');
    const { leases } = await store.queue.claim({ host: 'fake', limit: 1, leaseMs: 60_000, workerId: 'w' });
    await store.tellProgress(leases.map((lease: Lease) => ({ lease, sentBytes: 30, totalBytes: 40 })));
    await shown.waitForSelector('#upload-0');
    expect(await shown.$eval('#upload-0', (own) => Reflect.get(own, 'position'))).toBe(0.75);
    await store.queue.release(
      leases.map((lease: Lease) => ({ lease, delayMs: 0, countAttempt: false, posts: 0 })),
    );
    await settle(store, 5);
    await expect.poll(() => completed(shown).then((indexes) => indexes.length)).toBe(5);
    cut();
    await settle(store, 5);
    await expect.poll(() => completed(shown).then((indexes) => indexes.length)).toBe(10);
    await settle(store, 10);
    await shown.waitForFunction('events.readyState === 2 && unclosed.readyState === 2');
    const all = await heard(shown);
    expect((await completed(shown)).toSorted((one, other) => one - other)).toEqual(upTo(20));
    expect(all.map(({ name }) => name).filter((name) => !name.startsWith('upload:'))).toEqual([
      'snapshot',
      'job:started',
      'job:finished',
    ]);
    expect(await shown.$eval('#bar', (bar) => [Reflect.get(bar, 'value'), Reflect.get(bar, 'max')])).toEqual([
      20, 20,
    ]);
    const [first, last] = [all.filter(({ name }) => name === 'upload:completed')[4], all.at(-1)];
    const streams = (unclosed: boolean): unknown[] =>
      asked
        .filter(({ method, url }) => method === 'GET' && url?.endsWith('?unclosed') === unclosed)
        .map(({ headers }) => headers['last-event-id']);
    // The program of the README closes its own at the end; the other comes back for the 204 that stops it.
    expect(streams(false)).toEqual([undefined, first?.lastEventId]);
    expect(streams(true)).toEqual([undefined, first?.lastEventId, last?.lastEventId]);
    const errors = (await shown.evaluate('errors')) as [string, number][];
    const errorsOf = (which: string): number[] =>
      errors.flatMap(([name, state]) => (name === which ? [state] : []));
    expect({ events: errorsOf('events'), unclosed: errorsOf('unclosed') }).toEqual({
      events: [0],
      unclosed: [0, 0, 2],
    });
  });

  it('shows what is done, and no more, where it was cut off for longer than history is kept', async () => {
    const { store, shown, cut } = await scene({ allowed: true, maxEvents: 10 });
    const bar = () => shown.$eval('#bar', (own) => [Reflect.get(own, 'value'), Reflect.get(own, 'max')]);
    await shown.waitForFunction('heard.length === 1');
    await settle(store, 2);
    await expect.poll(() => completed(shown)).toEqual([0, 1]);
    cut();
    await settle(store, 15);
    await shown.waitForFunction('heard.some(({ name }) => name === "gap")');
    expect(await bar()).toEqual([17, 20]);
    await settle(store, 1);
    await expect.poll(() => completed(shown)).toEqual([0, 1, 17]);
    expect(await bar()).toEqual([18, 20]);
  });

  it('is told nothing on a page of an origin that is not allowed', async () => {
    const { shown } = await scene({ allowed: false });
    await shown.waitForFunction('events.readyState === 2');
    expect(await heard(shown)).toEqual([]);
    await shown.waitForFunction('bar.title === "reload the page"');
  });
});
