import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { createScene, type Scene } from '../packages/monitor/test/scene.ts';
import { chromiumArguments, chromiumBinary } from './setup/chromium.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: chromiumBinary(), args: [...chromiumArguments] });
}, 180_000);
afterAll(() => browser?.close());

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const hostile = [
  `https://evil.example/${'a'.repeat(8_000)}`,
  'https://evil.example/"><svg onload=alert(1)>',
  "https://evil.example/#<img src=x onerror='alert(1)'>",
  'https://evil.example/%E2%80%AEgnp.exe</script><script>alert(1)</script>',
];

interface Shown {
  readonly scene: Scene;
  readonly page: Page;
  /** A job that has uploads of every status, and URLs that want to be more than text. */
  readonly jobId: string;
  /** What the browser complained of, and what it asked other origins for. */
  readonly complaints: string[];
  /** Goes to a page and waits for what is on it. */
  readonly go: (hash: string, heading: string) => Promise<void>;
}

/** A browser at the monitor of an uploader that works on one upload, has done some and failed some. */
async function show(colorScheme: 'light' | 'dark', size = { width: 1280, height: 900 }): Promise<Shown> {
  const scene = createScene({ settings: { concurrency: 1 } });
  closers.push(() => scene.stop());
  const { url } = await scene.serve();
  await scene.uploader.start();
  const pictures = scene.pictures(6);
  const { jobId } = await scene.uploader.submit([...hostile, ...pictures.slice(0, 3)], {
    title: '<b>title</b>\u202e',
    metadata: { '<i>': '</script>' },
  });
  await scene.uploader.finished(jobId);
  scene.source.hold();
  const open = await scene.uploader.submit(pictures);
  await scene.uploader.pause({ jobId: open.jobId });
  await scene.uploader.pause({ host: 'fake' });
  const page = await browser.newPage({ colorScheme, viewport: size, reducedMotion: 'reduce' });
  closers.push(() => page.close());
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== url) complaints.push(`asked for ${request.url()}`);
  });
  const go = async (hash: string, heading: string): Promise<void> => {
    await page.goto(`${url}/${hash}`);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    await page.locator('main .loading').waitFor({ state: 'detached' });
  };
  return { scene, page, jobId, complaints, go };
}

/** What axe finds, each as its rule and the first place. */
async function findings(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(`${axe}; undefined`);
  const options = JSON.stringify(rules === undefined ? {} : { runOnly: rules });
  const found = await page.evaluate(
    `axe.run(document, ${options}).then(({ violations, passes }) => ({ violations, passes: passes.length }))`,
  );
  const { violations, passes } = found as {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { html: string }[] }[];
    readonly passes: number;
  };
  expect(passes).toBeGreaterThan(0);
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

const unknown = '00000000-0000-4000-8000-000000000000';

const pages = (jobId: string): readonly (readonly [hash: string, heading: string])[] => [
  ['#/', 'Overview'],
  ['#/workers?sort=-Load', 'Workers'],
  ['#/workers/w-1', 'Worker w-1'],
  ['#/jobs', 'Jobs'],
  [`#/jobs/${jobId}`, `Job ${jobId}`],
  ['#/queue', 'Queue'],
  ['#/settings', 'Settings'],
  [`#/jobs/${unknown}`, `Job ${unknown}`],
];

describe('the page of the monitor', () => {
  it('leaves axe nothing to find on any page, and the browser nothing to complain of', async () => {
    const { page, jobId, complaints, go } = await show('light');
    for (const [hash, heading] of pages(jobId)) {
      await go(hash, heading);
      expect([hash, await findings(page)]).toEqual([hash, []]);
    }
    expect(complaints).toEqual([]);
  });

  it('leaves axe nothing to find in its dialogs and in what unfolds', async () => {
    const { page, jobId, complaints, go } = await show('light');
    await go('#/', 'Overview');
    await page.getByRole('button', { name: 'Show as table: Uploads per minute' }).click();
    await page.getByRole('table', { name: 'Uploads per minute, by minute, newest first' }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await go(`#/jobs/${jobId}`, `Job ${jobId}`);
    await page.getByRole('button', { name: 'All of the URL of upload 0' }).click();
    await page.getByRole('button', { name: 'Show delete hashes' }).click();
    await page.getByRole('table', { name: 'Delete hashes of this job' }).waitFor();
    await page.getByRole('button', { name: 'Retry failed' }).click();
    await page.getByRole('checkbox', { name: 'source_status' }).waitFor();
    expect(await findings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('has enough contrast in the dark', async () => {
    const { page, jobId, go } = await show('dark');
    for (const [hash, heading] of pages(jobId)) {
      await go(hash, heading);
      expect([hash, await findings(page, ['color-contrast'])]).toEqual([hash, []]);
    }
  });

  it('fits a phone', async () => {
    const { page, jobId, go } = await show('light', { width: 360, height: 780 });
    for (const [hash, heading] of pages(jobId)) {
      await go(hash, heading);
      const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect([hash, wide]).toEqual([hash, 0]);
    }
  });

  it('says so where an address is mistyped, and shows everything else as ever', async () => {
    const { page, jobId, go } = await show('light');
    await go('#/jobs/mistyped', 'Job mistyped');
    await page.getByRole('heading', { name: 'No job has this id' }).waitFor();
    await page.getByText('Host fake is paused.').waitFor();
    await go('#/jobs?cursor=mistyped', 'Jobs');
    await page.getByRole('link', { name: 'Begin with the newest jobs' }).click();
    await page.getByRole('link', { name: jobId }).waitFor();
  });

  it("shows a stranger's text as text, and links to nothing but the web", async () => {
    const { page, jobId, complaints, go } = await show('light');
    await go(`#/jobs/${jobId}`, `Job ${jobId}`);
    await page.getByText('<b>title</b>').waitFor();
    await page.getByText('"><svg onload=alert(1)>', { exact: false }).first().waitFor();
    expect(await page.locator('main').locator('img, script, iframe, object, b, i:not([class])').count()).toBe(
      0,
    );
    const links = await page
      .locator('a[target]')
      .evaluateAll((all) =>
        all.map((link) => ['href', 'rel', 'target'].map((name) => link.getAttribute(name))),
      );
    expect(links).toHaveLength(3);
    for (const [href, rel, target] of links)
      expect([href?.startsWith('https://'), rel, target]).toEqual([true, 'noopener noreferrer', '_blank']);
    expect(complaints).toEqual([]);
  });
});
