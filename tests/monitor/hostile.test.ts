import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { Store } from '@imgferry/core';
import { MemoryStore } from '@imgferry/memory-store';
import { aWorker } from '../setup/a-worker.ts';
import { type MonitorScene, memoryScene } from './monitor-scene.ts';
import { jobAddress, rowsOf } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

/** Each would tell on itself if any of it ran: by a dialog, or by what it asks for. */
const texts = {
  image: '<img src=x onerror=alert(1)>',
  svg: '"><svg onload=alert(2)>',
  script: '</script><script src="https://evil.example/3.js"></script>',
  style: '<style>@import url(https://evil.example/4.css)</style>',
  frame: '<iframe srcdoc="<script>parent.alert(5)</script>"></iframe>',
  link: '[click](javascript:alert(6))',
  template: '{{constructor.constructor("alert(7)")()}}',
} as const;
const turned = 'cat\u202egnp.exe';
const all = Object.values(texts).join(' ');
const longUrl = `https://pictures.example/${'a'.repeat(8_192 - 25)}`;

describe('what strangers write', () => {
  it('is text on the page of their job: URLs, failures, titles, metadata', async ({ onTestFinished }) => {
    const { scene, jobId } = await hostileScene(onTestFinished);
    const page = await pages.open(`${scene.server.url}${jobAddress(jobId)}`);
    const facts = page.locator('dl.facts');
    await facts.getByRole('button', { name: 'All of the title' }).click();
    await facts.getByText(all).first().waitFor();
    for (const text of Object.values(texts)) await facts.getByText(text).first().waitFor();
    await rowsOf(page, 'Uploads of this job').getByText(texts.image).first().waitFor();
    expect(await page.locator('bdi img, bdi svg, bdi script, bdi iframe, bdi style').count()).toBe(0);
    // Nobody's link but one of the web can be followed.
    const links = await page
      .locator('main a')
      .evaluateAll((found) => found.map((each) => each.getAttribute('href')));
    for (const href of links) expect(href).toMatch(/^(#\/|https?:\/\/)/);
    await page.getByText('javascript:alert(8)').waitFor();
    expect(await page.getByText('javascript:alert(8)').evaluate((own) => own.closest('a'))).toBeNull();
  });

  it('is text in every list and on every other page', async ({ onTestFinished }) => {
    const { scene } = await hostileScene(onTestFinished);
    const page = await pages.open(scene.server.url);
    await page.getByRole('region', { name: 'Newest failures' }).getByText(texts.image).first().waitFor();
    for (const place of ['workers', 'jobs', 'queue', 'settings', `jobs/${encodeURIComponent(texts.image)}`]) {
      await page.goto(`${scene.server.url}#/${place}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('main .loaded, main .empty').first().waitFor();
      await page.getByText('Live', { exact: true }).waitFor();
    }
    await page.goto(`${scene.server.url}#/workers`);
    // No worker can have the other id.
    expect(await page.getByRole('link', { name: texts.image }).count()).toBe(1);
    await page.goto(`${scene.server.url}#/workers/w-1`);
    await page.getByRole('heading', { level: 1, name: /Worker/ }).waitFor();
    await page.locator('dl.facts').getByText(texts.image).first().waitFor();
    await page.getByText('Nothing at this moment').waitFor();
  });

  it('can not turn the text around it, nor fill the page', async ({ onTestFinished }) => {
    const { scene, jobId } = await hostileScene(onTestFinished);
    const page = await pages.open(`${scene.server.url}${jobAddress(jobId)}`);
    const uploads = rowsOf(page, 'Uploads of this job');
    await uploads.nth(1).waitFor();
    expect(await page.locator('main').textContent()).not.toContain('\u202e');
    const long = uploads.filter({ hasText: 'aaaaaaaaaa' });
    expect((await long.textContent())?.length).toBeLessThan(600);
    const width = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(width).toBeLessThanOrEqual(0);
  });

  it('is cut where a store has a megabyte of it', async ({ onTestFinished }) => {
    const memory = new MemoryStore();
    const { server } = await memoryScene(onTestFinished, { store: () => memory });
    const [id, megabyte] = [randomUUID(), 'x'.repeat(1_000_000)];
    const urls = [`https://pictures.example/${megabyte}`];
    await memory.create({ id, urls, host: 'imgur', options: { title: megabyte } });
    const page = await pages.open(`${server.url}${jobAddress(id)}`);
    await page.getByRole('button', { name: 'All of the title' }).click();
    await page.getByRole('button', { name: 'All of the URL of upload 0' }).click();
    expect((await page.locator('main').textContent())?.length).toBeLessThan(10_000);
  });
});

/** A store that a stranger has written into: a job, how it failed, its link, and a worker. */
async function hostileScene(
  onTestFinished: Parameters<typeof memoryScene>[0],
): Promise<{ scene: MonitorScene; jobId: string }> {
  const memory = new MemoryStore();
  const scene = await memoryScene(onTestFinished, { store: () => memory });
  for (const id of [texts.script, 'w-1']) await memory.fleet.beat({ ...hostileWorker, id }, 60_000);
  const jobId = await hostileJob(memory, scene);
  return { scene, jobId };
}

async function hostileJob(store: Store, { uploader }: MonitorScene): Promise<string> {
  const wanted = [
    `https://pictures.example/${texts.image}/${turned}`,
    longUrl,
    'https://pictures.example/"><svg onload=alert(9)>',
  ];
  const { jobId } = await uploader.submit(wanted, {
    title: all,
    description: `${turned} ${all}`,
    metadata: { [texts.image]: all, [texts.svg]: turned },
  });
  const { leases } = await store.queue.claim({ host: 'imgur', limit: 3, leaseMs: 60_000, workerId: 'w' });
  const facts = { bytes: 1, type: texts.svg, width: 1, height: 1 };
  await store.settle(
    leases.map((lease, at) => ({
      lease,
      posts: 1,
      outcome:
        at === 2
          ? { status: 'complete', link: 'javascript:alert(8)', ...facts }
          : { status: 'failed', failure: { code: 'source_status', message: `${texts.image} ${turned}` } },
    })),
  );
  return jobId;
}

const hostileWorker = aWorker({
  hostname: texts.image,
  version: texts.svg,
  settings: { [texts.image]: texts.script, turned },
});
