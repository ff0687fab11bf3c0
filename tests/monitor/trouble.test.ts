import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { type Store, StoreUnavailableError } from '@imgferry/core';
import type { MonitorAccess } from '@imgferry/monitor';
import { memoryScene, redisScene, sceneNames, scenes } from './monitor-scene.ts';
import { jobAddress, notice, numbers, rowsOf } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

describe.each(sceneNames)('with the store in %s, a page', (name) => {
  it('of a store with nothing in it says what to do', async ({ onTestFinished }) => {
    const { server } = await scenes[name](onTestFinished);
    const page = await pages.open(server.url);
    await page.getByRole('heading', { name: 'No worker' }).waitFor();
    await page.goto(`${server.url}#/workers`);
    await page.getByText('npm start -- worker').waitFor();
    await page.goto(`${server.url}#/jobs`);
    await page.getByRole('heading', { name: 'No job yet' }).waitFor();
    await page.goto(`${server.url}${jobAddress(randomUUID())}`);
    await page.getByRole('heading', { name: 'No job has this id' }).waitFor();
    await page.goto(`${server.url}#/workers/none`);
    await page.getByRole('heading', { name: 'No such worker' }).waitFor();
    await page.goto(`${server.url}#/settings`);
    await page.getByText('No worker is there, so there are no settings to show.').waitFor();
    await page.goto(`${server.url}#/nowhere/at/all`);
    await page.getByRole('heading', { name: 'No such page' }).waitFor();
  });

  it('says that its connection is lost, and goes on by itself when the monitor is back', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls } = await scenes[name](onTestFinished);
    const page = await pages.open(`${server.url}#/jobs`);
    const jobs = rowsOf(page, 'Jobs, newest first');
    await page.getByText('No job yet').waitFor();
    server.cut();
    await uploader.submit(urls(1));
    await expect.poll(() => jobs.count()).toBe(1);
    await server.stop();
    await notice(page, /^Connection lost/)
      .first()
      .waitFor();
    await page.getByRole('status', { name: 'Connection' }).getByText('Connection lost').waitFor();
    await jobs.first().waitFor();
    await uploader.submit(urls(1));
    await server.restart();
    await expect.poll(() => jobs.count()).toBe(2);
    await page.getByRole('status', { name: 'Connection' }).getByText('Live').waitFor();
    await expect.poll(() => notice(page, /Connection lost/).count()).toBe(0);
    expect(server.lines.filter((line) => line === 'GET /')).toHaveLength(1);
    await expect.poll(() => server.streams).toBe(1);
  });
});

describe('a page', () => {
  it('shows that the store is away and what was known before, and that it is back', async ({
    onTestFinished,
  }) => {
    const away = { store: false };
    const { server, uploader, urls } = await memoryScene(onTestFinished, {
      store: (store) => awayWhile(store, () => away.store),
    });
    await uploader.submit(urls(3));
    const page = await pages.open(server.url);
    await expect.poll(() => numbers(page)).toMatchObject({ Waiting: '3' });
    away.store = true;
    await page.getByText('The store can not answer now.').waitFor();
    await page.getByText(/What you see is from [\d:]+\. The monitor goes on trying by itself\.$/).waitFor();
    const connection = page.getByRole('status', { name: 'Connection' });
    await connection.getByText('Not up to date', { exact: true }).waitFor();
    await expect.poll(() => page.title()).toBe('Not up to date: Overview · imgferry');
    expect(await numbers(page)).toMatchObject({ Waiting: '3' });
    away.store = false;
    await page.getByText('The store can not answer now.').waitFor({ state: 'detached' });
    await connection.getByText('Live', { exact: true }).waitFor();
    await expect.poll(() => page.title()).toBe('Overview · imgferry');
  });

  it('marks what it shows as that of before while the list by another filter has not come', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls } = await memoryScene(onTestFinished);
    const { jobId } = await uploader.submit(urls(1));
    const held = Promise.withResolvers<void>();
    const page = await pages.open(`${server.url}#/jobs`, {}, (fresh) =>
      fresh.route(
        (url) => url.searchParams.getAll('watch').some((watch) => watch.includes('status=complete')),
        async (route) => {
          await held.promise;
          await route.continue();
        },
      ),
    );
    const waits = page.getByRole('link', { name: jobId });
    await waits.waitFor();
    const busy = page.locator('main [aria-busy="true"]');
    expect(await busy.count()).toBe(0);
    await page.goto(`${server.url}#/jobs?status=complete`);
    await busy.waitFor();
    expect(await waits.count()).toBe(1);
    held.resolve();
    await waits.waitFor({ state: 'detached' });
    await busy.waitFor({ state: 'detached' });
  });

  it('that can not show what it is told says so, offers to be loaded anew, and shows the other pages', async ({
    onTestFinished,
  }) => {
    const { server } = await memoryScene(onTestFinished);
    const strange = { watch: 'overview', now: Date.now(), value: { workers: null } };
    const page = await pages.open(server.url, {}, (fresh) =>
      fresh.route(
        (url) => url.pathname === '/api/live' && url.searchParams.has('watch', 'overview'),
        (route) =>
          route.fulfill({
            contentType: 'text/event-stream',
            body: `event: change\ndata: ${JSON.stringify(strange)}\n\n`,
          }),
      ),
    );
    const alert = page.getByRole('main').getByRole('alert');
    await alert.getByRole('heading', { name: 'This can not be shown' }).waitFor();
    await alert.getByRole('button', { name: 'Reload' }).waitFor();
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.getByRole('heading', { name: 'No job yet' }).waitFor();
  });

  it('says so where its address is mistyped, and shows everything else as ever', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls } = await memoryScene(onTestFinished);
    const { jobId } = await uploader.submit(urls(1));
    await uploader.pause('queue');
    const page = await pages.open(`${server.url}#/jobs/mistyped`);
    await page.getByRole('heading', { name: 'No job has this id' }).waitFor();
    await notice(page, 'The whole queue is paused.').waitFor();
    await page.getByRole('status', { name: 'Connection' }).getByText('Live').waitFor();
    await page.goto(`${server.url}#/jobs?cursor=mistyped`);
    await page.getByRole('link', { name: 'Begin with the newest jobs' }).click();
    await page.getByRole('link', { name: jobId }).waitFor();
  });

  it.for([
    [401, 'You are not signed in.'],
    [403, 'You may not look at this.'],
    [302, 'You are not signed in.'],
  ] as const)(
    'that is refused with %i from now on says so, and what to do',
    async ([status, words], { onTestFinished }) => {
      const login = { over: false };
      const access: MonitorAccess = {
        authorize: ({ url }) => {
          if (!login.over) return 'write';
          if (url.endsWith('/login'))
            return new Response('<form>', { headers: { 'content-type': 'text/html' } });
          const headers = status === 302 ? { location: new URL('/login', url).href } : {};
          return new Response(null, { status, headers });
        },
      };
      const { server } = await memoryScene(onTestFinished, { access });
      const page = await pages.open(server.url);
      await page.getByText('Live', { exact: true }).waitFor();
      login.over = true;
      server.cut();
      await notice(page, words).waitFor();
      login.over = false;
      await page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Reload' }).click();
      await page.getByText('Live', { exact: true }).waitFor();
    },
  );

  it('shows a worker that is killed as offline, and its uploads done by the other', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls, imgur, work } = await redisScene(onTestFinished);
    const [killed] = await work();
    const page = await pages.open(`${server.url}#/workers`);
    const workers = rowsOf(page, 'Workers');
    await expect.poll(() => workers.getByText('online').count()).toBe(2);
    const [first = '', ...rest] = urls(9);
    await uploader.finished((await uploader.submit([first])).jobId);
    const held = imgur.hold();
    const { jobId } = await uploader.submit(rest);
    await held.waitFor(4);
    killed?.signal('SIGKILL');
    await workers.getByText('offline').waitFor();
    held.release();
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.locator(`a[title="${jobId}"]`).click();
    await page.locator('dl.facts').getByText('complete', { exact: true }).waitFor();
    await expect.poll(() => rowsOf(page, 'Uploads of this job').getByText('complete').count()).toBe(8);
    expect(await uploader.job(jobId)).toMatchObject({ complete: 8, failed: 0 });
    expect(server.lines.filter((line) => line === 'GET /')).toHaveLength(1);
  });
});

/** A store that can not be asked for a while. */
function awayWhile(store: Store, isAway: () => boolean): Store {
  const asked = new Set<PropertyKey>(['stats', 'recentFailures', 'get', 'list', 'uploads']);
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (!asked.has(name)) return value.bind(target);
      return async (...args: unknown[]) => {
        if (isAway()) throw new StoreUnavailableError('the store is away');
        return value.apply(target, args);
      };
    },
  });
}
