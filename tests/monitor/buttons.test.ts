import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { type Store, StoreUnavailableError } from '@imgferry/core';
import { memoryScene } from './monitor-scene.ts';
import { jobAddress } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

const focused = (page: Page) => page.evaluate<string>('document.activeElement?.textContent');

describe('the button that pauses', () => {
  it.for([
    ['a job', 'Pause job', 'Resume job', ''],
    ['the queue', 'Pause the queue', 'Resume the queue', 'Pause it'],
    ['a worker', 'Pause worker', 'Resume worker', ''],
  ] as const)(
    '%s is the one that resumes, and keeps the focus through both',
    async ([of, ...names], { onTestFinished }) => {
      const [pause, resume, confirm] = names;
      const { server, uploader, urls, work } = await memoryScene(onTestFinished, { workerId: 'w-1' });
      await uploader.pause({ host: 'imgur' });
      const { jobId } = await uploader.submit(urls(1));
      await work();
      const places = { 'a job': jobAddress(jobId), 'the queue': '#/queue', 'a worker': '#/workers/w-1' };
      const page = await pages.open(`${server.url}${places[of]}`);
      const main = page.getByRole('main');
      await main.getByRole('button', { name: pause }).evaluate((own) => {
        Object.assign(own, { mine: true });
      });
      await main.getByRole('button', { name: pause }).focus();
      await page.keyboard.press('Enter');
      if (confirm !== '') {
        await page.getByRole('dialog').getByRole('button', { name: confirm }).focus();
        await page.keyboard.press('Enter');
      }
      await main.getByRole('button', { name: resume }).waitFor();
      expect(await focused(page)).toBe(resume);
      await page.keyboard.press('Enter');
      await main.getByRole('button', { name: pause }).waitFor();
      expect(await focused(page)).toBe(pause);
      expect(
        await main.getByRole('button', { name: pause }).evaluate((own) => Reflect.get(own, 'mine')),
      ).toBe(true);
    },
  );
});

describe('a button that is busy', () => {
  it('keeps the focus, says that it is, and does nothing a second time', async ({ onTestFinished }) => {
    const { server, uploader, urls } = await memoryScene(onTestFinished);
    const { jobId } = await uploader.submit(urls(1));
    const page = await pages.open(`${server.url}${jobAddress(jobId)}`);
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
    let asked = 0;
    await page.route('**/pause', async (route) => {
      asked += 1;
      await mayAnswer;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Pause job' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('button[aria-disabled="true"]', { hasText: 'Pause job' }).waitFor();
    expect(await focused(page)).toBe('Pause job');
    await page.keyboard.press('Enter');
    answer();
    await page.getByRole('button', { name: 'Resume job' }).waitFor();
    expect([await focused(page), asked]).toEqual(['Resume job', 1]);
  });
});

describe('a dialog', () => {
  it('whose action is refused stays, with the reason, until it is done', async ({ onTestFinished }) => {
    const away = { store: true };
    const { server, uploader, urls } = await memoryScene(onTestFinished, {
      store: (store) => withoutCancel(store, () => away.store),
    });
    const { jobId } = await uploader.submit(urls(1));
    const page = await pages.open(`${server.url}${jobAddress(jobId)}`);
    await page.getByRole('button', { name: 'Cancel job' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel this job?' });
    const confirm = dialog.getByRole('button', { name: 'Cancel the job' });
    await confirm.focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('The store can not be reached').waitFor();
    expect(await focused(page)).toBe('Cancel the job');
    away.store = false;
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(await uploader.job(jobId)).toMatchObject({ cancelled: true });
  });

  it('asks before all workers are paused', async ({ onTestFinished }) => {
    const { server, uploader, work } = await memoryScene(onTestFinished, { workerId: 'w-1' });
    await work();
    const page = await pages.open(`${server.url}#/workers`);
    const state = async () => (await uploader.workers()).map((worker) => worker.state);
    await page.getByRole('button', { name: 'Pause all workers' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause all workers?' });
    await dialog.getByRole('button', { name: 'Back' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(server.lines.filter((line) => line.startsWith('POST'))).toEqual([]);
    await page.getByRole('button', { name: 'Pause all workers' }).click();
    await dialog.getByRole('button', { name: 'Pause them' }).click();
    await page.getByText('1 worker told.').waitFor();
    await expect.poll(state).toEqual(['paused']);
  });
});

function withoutCancel(store: Store, isAway: () => boolean): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'cancel') return value.bind(target);
      return async (...args: unknown[]) => {
        if (isAway()) throw new StoreUnavailableError('the store is away');
        return value.apply(target, args);
      };
    },
  });
}
