import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import type { WorkerReport } from '@imgferry/core';
import { MemoryStore } from '@imgferry/memory-store';
import { aWorker } from '../setup/a-worker.ts';
import { memoryScene } from './monitor-scene.ts';
import { rowsOf } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

const report = aWorker({ hostname: 'pier', pid: 1, slots: 4 });

/** A monitor that does not work itself, and a fleet that does. */
async function fleetScene(
  onTestFinished: Parameters<typeof memoryScene>[0],
  fleet: readonly Partial<WorkerReport>[],
) {
  const memory = new MemoryStore();
  for (const [at, worker] of fleet.entries())
    await memory.fleet.beat({ ...report, id: `w-${at}`, ...worker }, 60_000);
  return memoryScene(onTestFinished, { store: () => memory, workerId: 'here' });
}

const names = async (page: Page) =>
  (await rowsOf(page, 'Workers').getByRole('link').allTextContents()).map((name) => name.split(' ')[0]);

describe('the table of workers', () => {
  const fleet: readonly Partial<WorkerReport>[] = [
    { hostname: 'pier-10', complete: 9, load: 0.5 },
    { hostname: 'pier-2', complete: 100, load: 0.1, state: 'paused' },
    { hostname: 'pier-1', complete: 20, load: 0.9 },
  ];

  it('is sorted by the column that one chooses, and the other way round by a second click', async ({
    onTestFinished,
  }) => {
    const { server } = await fleetScene(onTestFinished, fleet);
    const page = await pages.open(`${server.url}#/workers`);
    const heading = (name: string) => page.getByRole('columnheader', { name, exact: true });
    const sort = (name: string) => heading(name).getByRole('button').click();
    await sort('Done');
    await expect.poll(() => names(page)).toEqual(['pier-10', 'pier-1', 'pier-2']);
    expect(await heading('Done').getAttribute('aria-sort')).toBe('ascending');
    await sort('Done');
    await expect.poll(() => names(page)).toEqual(['pier-2', 'pier-1', 'pier-10']);
    expect(await heading('Done').getAttribute('aria-sort')).toBe('descending');
    await sort('Worker');
    await expect.poll(() => names(page)).toEqual(['pier-1', 'pier-2', 'pier-10']);
    expect(await heading('Done').getAttribute('aria-sort')).toBe('none');
    await sort('State');
    await expect.poll(async () => (await names(page)).at(-1)).toBe('pier-2');
    await page.reload();
    await expect.poll(async () => (await names(page)).at(-1)).toBe('pier-2');
  });

  it('shows those in one state alone, and says so when there is none', async ({ onTestFinished }) => {
    const { server } = await fleetScene(onTestFinished, fleet);
    const page = await pages.open(`${server.url}#/workers`);
    await page.getByLabel('State').selectOption('paused');
    await expect.poll(() => names(page)).toEqual(['pier-2']);
    await page.getByLabel('State').selectOption('draining');
    await page.getByText('No worker is draining now.').waitFor();
    await page.getByLabel('State').selectOption('all');
    await expect.poll(async () => (await names(page)).length).toBe(3);
  });
});

describe('the settings', () => {
  it('differ among workers, and are not those of a process that only watches', async ({ onTestFinished }) => {
    const { server, work } = await fleetScene(onTestFinished, [
      { settings: { retries: 1, leaseMs: 60_000 } },
      { settings: { retries: 2, leaseMs: 60_000 } },
    ]);
    const page = await pages.open(`${server.url}#/settings`);
    const settings = rowsOf(page, 'Settings in force');
    await expect.poll(() => settings.count()).toBe(2);
    expect(await page.getByRole('columnheader').allTextContents()).toEqual(['Setting', 'Workers']);
    await page.getByLabel('Only those that differ (1)').check();
    await expect.poll(() => settings.getByText('retries').count()).toBe(1);
    await settings.getByText('differs').waitFor();
    expect(await settings.count()).toBe(1);
    await work();
    await page.getByRole('columnheader', { name: 'This process' }).waitFor();
  });
});
