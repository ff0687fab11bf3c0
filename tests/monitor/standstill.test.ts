import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { MemoryStore } from '@imgferry/memory-store';
import { aWorker } from '../setup/a-worker.ts';
import { memoryScene } from './monitor-scene.ts';
import { numbers, rowsOf } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

const report = aWorker({ hostname: 'pier', pid: 1, slots: 4, load: 0.37, settings: { host: 'imgur' } });
const jobId = randomUUID();
const holds = [{ jobId, index: 3, url: 'https://pictures.example/3.png', attempt: 1, forMs: 2_000 }];

const urlOf = (name: number): string => `https://pictures.example/${name}.png`;

/** A store whose clock a test may turn back for a while. */
function turnedStore() {
  const turned = { byMs: 0 };
  return { turned, memory: new MemoryStore({ clock: () => Date.now() - turned.byMs }) };
}

describe('somebody who asks why nothing moves', () => {
  it('is told that a host allows nothing more, until when, and that nothing fails', async ({
    onTestFinished,
  }) => {
    const { memory } = turnedStore();
    const { server } = await memoryScene(onTestFinished, { store: () => memory });
    await memory.create({ id: jobId, urls: [1, 2].map(urlOf), host: 'imgur', options: {} });
    const elsewhere = randomUUID();
    await memory.create({ id: elsewhere, urls: [urlOf(1)], host: 'elsewhere', options: {} });
    const scope = ['imgur:client:1', 'imgur:post:1'];
    const facts = { host: 'imgur', limit: 1, leaseMs: 60_000, budget: scope, workerId: 'w' };
    const { leases } = await memory.queue.claim(facts);
    await memory.settle(
      leases.map((lease) => ({
        lease,
        posts: 1,
        outcome: { status: 'failed', failure: { code: 'source_status', message: 'the source is gone' } },
      })),
      [
        {
          scope,
          buckets: [
            { bucket: 'imgur:client:1', remaining: 9, limit: 12_500, resetInMs: 720_000 },
            { bucket: 'imgur:post:1', remaining: 0, limit: 1_250, resetInMs: 720_000 },
          ],
        },
      ],
    );
    const page = await pages.open(server.url);
    for (const place of ['', 'queue', `jobs/${jobId}`, 'workers']) {
      await page.goto(`${server.url}#/${place}`);
      const told = page.getByRole('region', { name: 'Why uploads wait' });
      await told.getByText(/^imgur allows nothing more until \d\d:\d\d:\d\d \(in 1[12]:\d\d\):$/).waitFor();
      await told.getByText('imgur:post:1').waitFor();
      await told.getByText('(all uploads from this address, in an hour)').waitFor();
      expect(await told.getByText('imgur:client:1').count()).toBe(0);
    }
    await page.goto(`${server.url}#/jobs/${elsewhere}`);
    const told = page.getByRole('region', { name: 'Why uploads wait' });
    await told.getByText('No worker is there.').waitFor();
    await page.getByRole('heading', { name: `Job ${elsewhere}` }).waitFor();
    expect(await told.getByText('imgur').count()).toBe(0);
  });

  it('is told on the overview, of the fleet and of a job that all workers are paused, and resumes them there', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls, work } = await memoryScene(onTestFinished, { workerId: 'w-1' });
    await work();
    const page = await pages.open(server.url);
    await expect.poll(() => numbers(page)).toMatchObject({ Running: '0' });
    const told = page.getByText('All workers are paused.');
    expect(await told.count()).toBe(0);
    await uploader.command('all', { type: 'pause' });
    await told.waitFor();
    await page.getByText('of 4 slots, 1 worker, 1 paused').waitFor();
    const { jobId: waits } = await uploader.submit(urls(1));
    for (const place of ['workers', `jobs/${waits}`]) {
      await page.goto(`${server.url}#/${place}`);
      await told.waitFor();
    }
    await page.getByRole('button', { name: 'Resume all workers' }).click();
    await told.waitFor({ state: 'detached' });
    const states = async () => (await uploader.workers()).map(({ state }) => state);
    await expect.poll(states).toEqual(['online']);
  });

  it('sees what failed and what is complete this minute at once', async ({ onTestFinished }) => {
    const { server, uploader, pictures, urls, work } = await memoryScene(onTestFinished);
    await work();
    const { jobId: id } = await uploader.submit([pictures.urlOf('/gone.png'), ...urls(1)]);
    await uploader.finished(id);
    const page = await pages.open(server.url);
    const failed = page.locator('dl.stats .stat.tone-bad', { hasText: 'Failed' });
    await failed.getByText(/^50 % of all outcomes, 1 since \d\d:\d\d$/).waitFor();
    const complete = page.locator('dl.stats .stat', { hasText: 'Complete' });
    await complete.getByText(/^1 since \d\d:\d\d$/).waitFor();
  });
});

describe('a worker', () => {
  it('that is offline is shown as it was when it was last heard', async ({ onTestFinished }) => {
    const { memory, turned } = turnedStore();
    turned.byMs = 90_000;
    await memory.fleet.beat({ ...report, id: 'w-1', running: 1, holds }, 1_000);
    turned.byMs = 0;
    const { server } = await memoryScene(onTestFinished, { store: () => memory, workerId: 'here' });
    const page = await pages.open(`${server.url}#/workers`);
    const row = rowsOf(page, 'Workers').first();
    await row.getByText('offline').waitFor();
    await row.getByText('was 1', { exact: true }).waitFor();
    await row.getByText('was 37 %').waitFor();
    await row.getByRole('link').click();
    await page.getByText('Load when it was last heard').waitFor();
    const held = page.getByRole('region', { name: 'What it held' });
    await held.getByText('when it was last heard', { exact: true }).waitFor();
    // Time does not go on for what it did.
    await held.getByText('2 s', { exact: true }).waitFor();
  });

  it('is late when two of its beats have not come, by the beat it has', async ({ onTestFinished }) => {
    const { memory, turned } = turnedStore();
    turned.byMs = 20_000;
    await memory.fleet.beat({ ...report, id: 'w-1' }, 8_000);
    turned.byMs = 0;
    await memory.fleet.beat({ ...report, id: 'w-2', hostname: 'harbour' }, 8_000);
    const { server } = await memoryScene(onTestFinished, { store: () => memory, workerId: 'here' });
    const page = await pages.open(`${server.url}#/workers`);
    const workers = rowsOf(page, 'Workers');
    await workers.filter({ hasText: 'pier' }).getByText('late', { exact: true }).waitFor();
    expect(await workers.filter({ hasText: 'harbour' }).getByText('late').count()).toBe(0);
  });
});

describe('a host', () => {
  it('is asked about before it is paused, with a warning when no worker uploads to it', async ({
    onTestFinished,
  }) => {
    const memory = new MemoryStore();
    await memory.fleet.beat(report, 60_000);
    const { server, uploader } = await memoryScene(onTestFinished, { store: () => memory });
    const page = await pages.open(`${server.url}#/queue`);
    await page.getByLabel('Host', { exact: true }).fill('imgurr');
    await page.getByRole('button', { name: 'Pause host' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause uploads to imgurr?' });
    await dialog.getByText('The workers upload to imgur, not to this one.').waitFor();
    await dialog.getByRole('button', { name: 'Back' }).click();
    expect((await uploader.stats()).queue.pausedHosts).toEqual([]);
    await page.getByLabel('Host', { exact: true }).fill('imgur');
    await page.getByLabel('Host', { exact: true }).press('Enter');
    const known = page.getByRole('dialog', { name: 'Pause uploads to imgur?' });
    await known.getByText('until it is resumed').waitFor();
    expect(await known.getByText('The workers upload to').count()).toBe(0);
    await known.getByRole('button', { name: 'Pause this host' }).click();
    await expect.poll(async () => (await uploader.stats()).queue.pausedHosts).toEqual(['imgur']);
  });
});
