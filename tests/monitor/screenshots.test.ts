import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Page } from 'playwright-core';
import { afterEach, expect, it, vi } from 'vitest';

import { anHour, hourEndsAt, jobUnderWay } from './an-hour.ts';
import { memoryScene } from './monitor-scene.ts';
import { jobAddress, rowsOf } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();
const root = fileURLToPath(new URL('../..', import.meta.url));
const kept = join(root, '.cache', 'screenshots');
/** Where those of the README go. */
const overviews = join(root, process.env.SCREENSHOTS ?? kept.slice(root.length));

afterEach(() => void vi.useRealTimers());

const desktop = { viewport: { width: 1_200, height: 860 } } as const;
const looks = [
  ['light', { ...desktop, colorScheme: 'light' }],
  ['dark', { ...desktop, colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 }, colorScheme: 'light' }],
] as const;

it.for(looks)('the monitor has its picture taken: %s', async ([name, look], { onTestFinished }) => {
  vi.useFakeTimers({ toFake: ['Date'], now: hourEndsAt });
  const store = await anHour();
  const { server } = await memoryScene(onTestFinished, { store: () => store });
  const page = await pages.open(server.url, look, (fresh) => fresh.clock.setFixedTime(hourEndsAt));
  await page.getByRole('table', { name: /What the hosts still allow/ }).waitFor();
  await keep(page, join(overviews, `${name}.png`));
  // Those are in the repository.
  expect(statSync(join(overviews, `${name}.png`)).size).toBeLessThan(150_000);
  await page.goto(`${server.url}${jobAddress(jobUnderWay)}`);
  await rowsOf(page, 'Uploads of this job').nth(49).waitFor();
  await keep(page, join(kept, `job-${name}.png`));
});

async function keep(page: Page, path: string): Promise<void> {
  mkdirSync(join(path, '..'), { recursive: true });
  await page.getByText('Live', { exact: true }).waitFor();
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
}
