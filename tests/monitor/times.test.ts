import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { memoryScene } from './monitor-scene.ts';
import { rowsOf } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

describe('the time of jobs', () => {
  const from = '2001-02-03T04:05:00.000Z';
  const asked = (page: Page) => page.evaluate<string>('location.hash');

  it('can be edited by the keyboard: a draft is none of the filter before it is complete', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls } = await memoryScene(onTestFinished);
    await uploader.submit(urls(1));
    const page = await pages.open(`${server.url}#/jobs?from=${encodeURIComponent(from)}`);
    await rowsOf(page, 'Jobs, newest first').first().waitFor();
    const [hash, entries] = [await asked(page), await page.evaluate('history.length')];
    const field = page.getByLabel('From');
    await field.focus();
    await page.keyboard.press('Backspace');
    // What comes from the server meanwhile is drawn, and the draft stays.
    await uploader.submit(urls(1));
    await expect.poll(() => rowsOf(page, 'Jobs, newest first').count()).toBe(2);
    expect([await asked(page), await field.inputValue()]).toEqual([hash, '']);
    await field.blur();
    expect([await asked(page), await field.inputValue()]).toEqual([hash, '2001-02-03T04:05']);

    await page.getByLabel('Until').focus();
    // The same day whichever comes first; where there is no half of a day, its letter is for nothing.
    await page.keyboard.type('11112030');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.type('1003a');
    expect(await asked(page)).toBe(hash);
    const streams = server.lines.filter((line) => line.startsWith('GET /api/live')).length;
    await page.keyboard.press('Enter');
    await expect.poll(() => asked(page)).toContain(encodeURIComponent('2030-11-11T10:03:00.000Z'));
    await expect
      .poll(() => server.lines.filter((line) => line.startsWith('GET /api/live')).length)
      .toBe(streams + 1);
    await page.getByLabel('Until').blur();
    expect(await page.evaluate('history.length')).toBe(entries);
    expect(server.lines.filter((line) => line.startsWith('GET /api/live'))).toHaveLength(streams + 1);
  });

  it('is taken away by emptying the field', async ({ onTestFinished }) => {
    const { server } = await memoryScene(onTestFinished);
    const page = await pages.open(`${server.url}#/jobs?from=${encodeURIComponent(from)}`);
    await page.getByText('No job is like that.').waitFor();
    await page.getByLabel('From').fill('');
    await expect.poll(() => asked(page)).toBe('#/jobs');
    await page.getByText('No job yet').waitFor();
  });
});
