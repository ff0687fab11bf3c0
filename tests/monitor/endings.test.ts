import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { MemoryStore } from '@imgferry/memory-store';
import { anHour, jobUnderWay } from './an-hour.ts';
import { memoryScene } from './monitor-scene.ts';
import { jobAddress, rowsOf } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

describe('a job', () => {
  it('of which all failed is not shown as one that went well, and has nothing to delete', async ({
    onTestFinished,
  }) => {
    const { server, uploader, pictures, urls, work } = await memoryScene(onTestFinished);
    await work();
    const gone = ['/gone.png', '/lost.png'].map((path) => pictures.urlOf(path));
    const none = await uploader.submit(gone);
    const some = await uploader.submit([...gone, ...urls(1)]);
    await Promise.all([uploader.finished(none.jobId), uploader.finished(some.jobId)]);
    const page = await pages.open(`${server.url}${jobAddress(none.jobId)}`);
    const facts = page.locator('dl.facts');
    await facts.locator('.tone-bad', { hasText: 'complete, all failed' }).waitFor();
    expect(await page.getByRole('region', { name: 'Delete hashes' }).count()).toBe(0);
    await page.goto(`${server.url}${jobAddress(some.jobId)}`);
    await facts.locator('.tone-warn', { hasText: 'complete, 2 failed' }).waitFor();
    await page.getByRole('region', { name: 'Delete hashes' }).waitFor();
  });

  it('that was cancelled before anything was tried says of none of its uploads how long it took', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls } = await memoryScene(onTestFinished);
    const { jobId } = await uploader.submit(urls(1));
    await uploader.cancel(jobId);
    const page = await pages.open(`${server.url}${jobAddress(jobId)}`);
    const upload = rowsOf(page, 'Uploads of this job').first();
    await upload.getByText('cancelled').first().waitFor();
    expect(await upload.locator('[data-label="First attempt to end"]').textContent()).toBe('–');
  });

  it('says of an upload that waits why it was handed back last, as what was and not as what is', async ({
    onTestFinished,
  }) => {
    const memory = new MemoryStore();
    const { server } = await memoryScene(onTestFinished, { store: () => memory });
    const id = randomUUID();
    await memory.create({ id, urls: ['https://pictures.example/1.png'], host: 'imgur', options: {} });
    const facts = { host: 'imgur', limit: 1, leaseMs: 60_000, workerId: 'w' };
    const { leases } = await memory.queue.claim(facts);
    const failure = { code: 'source_busy', message: 'the source has asked for a pause' } as const;
    await memory.queue.release(
      leases.map((lease) => ({ lease, posts: 0, delayMs: 60_000, countAttempt: false, failure })),
    );
    const page = await pages.open(`${server.url}${jobAddress(id)}`);
    await page.getByText(/When it was last looked at: source_busy/).waitFor();
    expect(await page.getByText('the upload waits for its turn').count()).toBe(0);
  });
});

describe('a narrow screen', () => {
  it.for([375, 768, 1_024])(
    'of %i px shows every page and every column, times in one piece and bars of one length',
    async (width, { onTestFinished }) => {
      const store = await anHour();
      const { server } = await memoryScene(onTestFinished, { store: () => store });
      const page = await pages.open(server.url, { viewport: { width, height: 800 } });
      for (const hash of ['#/', '#/workers', '#/jobs', '#/queue', jobAddress(jobUnderWay)]) {
        await page.goto(server.url + hash);
        await page.locator('main .loaded').first().waitFor();
        const cut = await page.evaluate(
          `[...document.querySelectorAll('html, .top nav ul, .table')].filter((each) => each.scrollWidth > each.clientWidth).length`,
        );
        expect([hash, cut]).toEqual([hash, 0]);
      }
      await page.goto(`${server.url}#/`);
      await page.locator('.left .gauge').first().waitFor();
      const lengths = await page.evaluate<number[]>(
        `[...document.querySelectorAll('.left .gauge')].map((each) => Math.round(each.offsetWidth))`,
      );
      expect([lengths.length, new Set(lengths).size]).toEqual([2, 1]);
      await page.goto(server.url + jobAddress(jobUnderWay));
      await rowsOf(page, 'Uploads of this job').first().waitFor();
      const broken = await page.evaluate(
        `[...document.querySelectorAll('[data-label="First attempt to end"] > div')].filter((each) => each.offsetHeight > 1.9 * parseFloat(getComputedStyle(each).fontSize)).length`,
      );
      expect(broken).toBe(0);
    },
  );
});
