import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { memoryScene } from './monitor-scene.ts';
import { notice, numbers } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

/** As when another tab comes before it, or goes; a browser without a screen shows all of them. */
async function see(page: Page, seen: boolean): Promise<void> {
  await page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${!seen}, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`);
}

async function putAside(page: Page): Promise<void> {
  await see(page, false);
  await page.clock.fastForward(5_000);
}

const connection = (page: Page) => page.getByRole('status', { name: 'Connection' });
const withClock = (page: Page) => page.clock.install();

describe('a tab that nobody sees', () => {
  it('closes its connection after a while, and has it again with what is new when it is seen', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls } = await memoryScene(onTestFinished);
    const page = await pages.open(server.url, {}, withClock);
    await expect.poll(() => numbers(page)).toMatchObject({ Waiting: '0' });
    await see(page, false);
    await see(page, true);
    await page.clock.fastForward(5_000);
    await connection(page).getByText('Live').waitFor();
    await putAside(page);
    await connection(page).getByText('Paused while hidden').waitFor();
    await page.locator('main.stale').waitFor();
    await expect.poll(() => server.streams).toBe(0);
    await uploader.submit(urls(3));
    await see(page, true);
    await expect.poll(() => numbers(page)).toMatchObject({ Waiting: '3' });
    await connection(page).getByText('Live').waitFor();
    await page.locator('main:not(.stale)').waitFor();
  });

  it('leaves a connection to the one that is seen, however many there are', async ({ onTestFinished }) => {
    const { server, uploader } = await memoryScene(onTestFinished);
    const page = await pages.open(server.url, {}, withClock);
    // A browser has no more than six connections to a server by HTTP/1.1, over all tabs.
    for (let tabs = 1; tabs <= 6; tabs += 1) {
      const beside = tabs === 1 ? page : await pages.openBeside(page, server.url);
      await connection(beside).getByText('Live').waitFor();
      await putAside(beside);
    }
    const seen = await pages.openBeside(page, `${server.url}#/queue`);
    await seen.getByRole('button', { name: 'Pause the queue' }).click();
    await seen.getByRole('dialog').getByRole('button', { name: 'Pause it' }).click();
    await notice(seen, 'The whole queue is paused.').waitFor();
    expect((await uploader.stats()).queue.paused).toBe(true);
  });
});

describe('a tab', () => {
  it('for which there is no room says so, and comes in when another one goes', async ({ onTestFinished }) => {
    const { server } = await memoryScene(onTestFinished, { maxStreams: 1 });
    const page = await pages.open(server.url);
    await connection(page).getByText('Live').waitFor();
    const second = await pages.openBeside(page, server.url);
    await notice(second, 'Too many watch this monitor.').waitFor();
    await notice(second, 'too many pages watch now').waitFor();
    await connection(second).getByText('Too many watch').waitFor();
    await page.close();
    await connection(second).getByText('Live').waitFor();
    await expect.poll(() => notice(second, /Too many/).count()).toBe(0);
  });

  it('loads itself anew for another script of the server, and no second time for the same', async ({
    onTestFinished,
  }) => {
    const { server } = await memoryScene(onTestFinished);
    const hello = JSON.stringify({ version: '0.0.0', script: 'page-of-another.js', role: 'write' });
    let streams = 0;
    const page = await pages.open(server.url, {}, (fresh) =>
      fresh.route('**/api/live?*', (route) => {
        streams += 1;
        const body = `retry: 1\n\nevent: hello\ndata: ${hello}\n\n`;
        return route.fulfill({ contentType: 'text/event-stream', body });
      }),
    );
    const loads = () => server.lines.filter((line) => line === 'GET /').length;
    await expect.poll(loads).toBe(2);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const before = streams;
    await expect.poll(() => streams).toBeGreaterThan(before + 2);
    expect(loads()).toBe(2);
  });

  it('sees a worker that comes back while its page is open', async ({ onTestFinished }) => {
    const { server, work } = await memoryScene(onTestFinished, { workerId: 'w-late' });
    const page = await pages.open(`${server.url}#/workers/w-late`);
    await page.getByRole('heading', { name: 'No such worker' }).waitFor();
    await work();
    await page.getByRole('button', { name: 'Pause worker' }).waitFor();
  });
});
