import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it, type TestContext, vi } from 'vitest';

import { anHour, hourEndsAt, jobUnderWay } from './an-hour.ts';
import { axeFindings } from './axe.ts';
import { type MonitorScene, memoryScene } from './monitor-scene.ts';
import { notice, rowsOf } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

afterEach(() => void vi.useRealTimers());

/** Somebody comes to a fleet that has worked for an hour. */
async function busyScene(onTestFinished: TestContext['onTestFinished']): Promise<MonitorScene> {
  vi.useFakeTimers({ toFake: ['Date'], now: hourEndsAt });
  const store = await anHour();
  return memoryScene(onTestFinished, { store: () => store });
}

const places = [
  '',
  'workers?sort=-Load',
  'workers/w-pier-1',
  'jobs?failed=true',
  `jobs/${jobUnderWay}?status=failed`,
  'queue',
  'settings',
];

async function go(page: Page, { server }: MonitorScene, place: string): Promise<void> {
  await page.goto(`${server.url}#/${place}`);
  await page.locator('main .loaded').first().waitFor();
  await page.locator('main .loading').waitFor({ state: 'detached' });
}

describe('every page', () => {
  it.for([
    ['in the light', { colorScheme: 'light' }],
    ['in the dark', { colorScheme: 'dark' }],
    ['on a phone', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
  ] as const)('leaves axe nothing to find %s', async ([, look], { onTestFinished }) => {
    const scene = await busyScene(onTestFinished);
    const page = await pages.open(scene.server.url, { ...look, reducedMotion: 'reduce' });
    for (const place of places) {
      await go(page, scene, place);
      expect([place, await axeFindings(page)]).toEqual([place, []]);
    }
  });

  it('leaves axe nothing to find in its dialogs and in what unfolds', async ({ onTestFinished }) => {
    const scene = await busyScene(onTestFinished);
    const page = await pages.open(scene.server.url, { reducedMotion: 'reduce' });
    await page.getByRole('button', { name: 'Show as table: Uploads per minute' }).click();
    await page.getByRole('table', { name: 'Uploads per minute, by minute, newest first' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const what = page.getByRole('button', { name: 'What is meant by budget?' });
    await what.focus();
    await page.keyboard.press('Enter');
    await page.getByText('How many uploads a host still allows').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByText('How many uploads a host still allows').waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts and words' });
    await help.getByText('A worker has an upload for a short time only').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await go(page, scene, `jobs/${jobUnderWay}`);
    await page.getByRole('button', { name: 'Show delete hashes' }).click();
    await page.getByRole('table', { name: 'Delete hashes of this job' }).waitFor();
    await page.getByRole('button', { name: 'Retry failed' }).click();
    await page.getByRole('checkbox', { name: 'source_status' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('is as wide as a screen of 320 pixels, and no wider', async ({ onTestFinished }) => {
    const scene = await busyScene(onTestFinished);
    const page = await pages.open(scene.server.url, { viewport: { width: 320, height: 640 } });
    for (const place of places) {
      await go(page, scene, place);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect([place, overflow]).toEqual([place, 0]);
    }
  });

  it('moves nothing for whoever wants nothing to move', async ({ onTestFinished }) => {
    const scene = await busyScene(onTestFinished);
    const page = await pages.open(scene.server.url, { reducedMotion: 'reduce' });
    const moving = 'document.getAnimations().filter(({ playState }) => playState === "running").length';
    for (const place of places) {
      await go(page, scene, place);
      expect([place, await page.evaluate(moving)]).toEqual([place, 0]);
    }
    await scene.server.stop();
    await notice(page, /Connection lost/)
      .first()
      .waitFor();
    expect(await page.evaluate(moving)).toBe(0);
  });
});

describe('trouble', () => {
  it('leaves axe nothing to find either: paused, nothing there, cut off', async ({ onTestFinished }) => {
    const scene = await memoryScene(onTestFinished);
    await scene.uploader.pause('queue');
    await scene.uploader.pause({ host: 'imgur' });
    const page = await pages.open(scene.server.url, { reducedMotion: 'reduce' });
    await notice(page, 'Host imgur is paused.').waitFor();
    for (const place of ['', 'jobs', 'workers', 'queue']) {
      await go(page, scene, place);
      expect([place, await axeFindings(page)]).toEqual([place, []]);
    }
    await scene.server.stop();
    await notice(page, /Connection lost/)
      .first()
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });
});

describe('the keyboard alone', () => {
  it('leads from the address bar to a job and cancels it, and it is always seen where one is', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls } = await memoryScene(onTestFinished);
    const { jobId } = await uploader.submit(urls(2));
    const page = await pages.open(server.url);
    await page.locator('main .loaded').waitFor();
    await page.keyboard.press('Tab');
    expect(await here(page)).toMatchObject({ text: 'Skip to the content', seen: true });
    await page.keyboard.press('Enter');
    expect(await here(page)).toMatchObject({ id: 'main' });
    await page.keyboard.press('Shift+Tab');

    await tabTo(page, 'Jobs', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.locator(`a[title="${jobId}"]`).waitFor();
    await expect.poll(() => here(page)).toMatchObject({ text: 'Jobs', tag: 'H1' });
    await tabTo(page, jobId);
    await page.keyboard.press('Enter');
    await rowsOf(page, 'Uploads of this job').first().waitFor();
    await expect.poll(() => here(page)).toMatchObject({ text: `Job ${jobId}`, tag: 'H1' });

    await tabTo(page, 'Pause job');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Resume job' }).waitFor();
    await expect.poll(() => here(page)).toMatchObject({ text: 'Resume job' });

    await tabTo(page, 'Cancel job');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Cancel this job?' });
    await dialog.waitFor();
    expect(await page.evaluate('document.activeElement.closest("dialog") !== null')).toBe(true);
    for (const leave of [() => page.keyboard.press('Escape'), () => press(page, 'Back')]) {
      await leave();
      await dialog.waitFor({ state: 'detached' });
      await expect.poll(() => here(page)).toMatchObject({ text: 'Cancel job' });
      await page.keyboard.press('Enter');
      await dialog.waitFor();
    }
    await press(page, 'Cancel the job');
    await page.getByText('The job is cancelled.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    expect(await uploader.job(jobId)).toMatchObject({ cancelled: true });
    await page.getByRole('button', { name: 'Cancel job' }).waitFor({ state: 'detached' });
    await expect.poll(() => here(page)).toMatchObject({ text: `Job ${jobId}`, tag: 'H1' });
  });

  it('opens a dialog anew in the very moment in which it was closed', async ({ onTestFinished }) => {
    const { server, uploader, urls } = await memoryScene(onTestFinished);
    const { jobId } = await uploader.submit(urls(2));
    const page = await pages.open(`${server.url}#/jobs/${jobId}`);
    await page.getByRole('button', { name: 'Cancel job' }).focus();
    for (let times = 0; times < 12; times += 1) {
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Cancel this job?' }).waitFor();
      await page.keyboard.press('Escape');
      await expect.poll(() => here(page)).toMatchObject({ text: 'Cancel job' });
    }
  });

  it('goes by its shortcuts, and they can be turned off', async ({ onTestFinished }) => {
    const { server } = await memoryScene(onTestFinished);
    const page = await pages.open(server.url);
    await page.locator('main .loaded').waitFor();
    await page.keyboard.type('gj');
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('gq');
    expect(await page.getByLabel('Job id').inputValue()).toBe('gq');
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).click();
    await page.keyboard.press('?');
    await page.getByLabel('Shortcuts on').uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.type('gq');
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await page.getByRole('link', { name: 'Queue' }).click();
    await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
  });
});

interface Here {
  readonly tag: string;
  readonly id: string;
  readonly text: string;
  /** Whether it has an outline and is within the window. A moment has parts, of which the browser marks one. */
  readonly seen: boolean;
}

/** Where the keyboard is. */
function here(page: Page): Promise<Here> {
  return page.evaluate(`(() => {
    const at = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    const { top, bottom } = at.getBoundingClientRect();
    const outlined = at.type === 'datetime-local' || outlineStyle !== 'none' && outlineWidth !== '0px';
    const seen = outlined && top >= 0 && bottom <= innerHeight;
    return { tag: at.tagName, id: at.id, text: at.textContent.trim(), seen };
  })()`);
}

async function press(page: Page, text: string): Promise<void> {
  await tabTo(page, text);
  await page.keyboard.press('Enter');
}

/** Presses Tab until it is there. What it passes has to be seen, and never nowhere. */
async function tabTo(page: Page, text: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    const at = await here(page);
    if (at.text === text && at.tag !== 'H1') return;
    await page.keyboard.press(key);
    const next = await here(page);
    expect(next, JSON.stringify(next)).toMatchObject({ seen: true });
  }
  throw new Error(`60 presses of ${key} did not lead to ${text}`);
}
