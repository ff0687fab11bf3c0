import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { type PictureHandler, sampleImage } from '@imgferry/core/testing';
import { sceneNames, scenes } from './monitor-scene.ts';
import { jobAddress, numbers, rowsOf } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

describe.each(sceneNames)('somebody who looks, with the store in %s,', (name) => {
  const open = scenes[name];

  it('sees on the overview how a job runs', async ({ onTestFinished }) => {
    const { server, uploader, imgur, urls, pictures, work } = await open(onTestFinished);
    const page = await pages.open(server.url);
    await expect.poll(() => numbers(page)).toMatchObject({ Waiting: '0', Complete: '0', Failed: '0' });
    await work();
    // The first reply tells what the host allows; before that uploads go one by one.
    const [first = '', ...rest] = urls(7);
    await uploader.finished((await uploader.submit([first])).jobId);
    await page.getByRole('region', { name: 'Budget of the hosts' }).getByRole('table').waitFor();
    const held = imgur.hold();
    const { jobId } = await uploader.submit([pictures.urlOf('/gone.png'), ...rest]);
    await expect
      .poll(() => numbers(page))
      .toEqual({ Waiting: '2', Running: '4', Complete: '1', Failed: '1' });
    held.release();
    await uploader.finished(jobId);
    await expect
      .poll(() => numbers(page))
      .toEqual({ Waiting: '0', Running: '0', Complete: '7', Failed: '1' });
    const failures = page.getByRole('region', { name: 'Newest failures' });
    await failures.getByRole('heading', { name: /source_status/ }).waitFor();
    await failures.getByText('/gone.png').waitFor();
    await page
      .getByRole('img', { name: /Uploads per minute in the last hour: 7 complete and 1 failed/ })
      .waitFor();
    await page.getByRole('button', { name: 'Show as table: Uploads per minute' }).click();
    await page.getByText('Minutes in which nothing happened are left out.').waitFor();
    const busy = rowsOf(page, 'Uploads per minute, by minute, newest first');
    expect(await busy.count()).toBeLessThan(5);
    expect(server.lines.filter((line) => line === 'GET /')).toHaveLength(1);
  });

  it('finds jobs: the newest first, by status, failures, pause, time and id, through all pages', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls, pictures, work } = await open(onTestFinished);
    const [picture = ''] = urls(1);
    await work();
    const failed = await uploader.submit([pictures.urlOf('/gone.png')]);
    const done = await uploader.submit([picture]);
    await Promise.all([uploader.finished(failed.jobId), uploader.finished(done.jobId)]);
    await uploader.pause('queue');
    for (let count = 1; count <= 50; count += 1) await uploader.submit([picture]);
    const page = await pages.open(`${server.url}#/jobs`);
    const jobs = rowsOf(page, 'Jobs, newest first');
    const firstJob = () => jobs.first().getByRole('link').getAttribute('title');
    await expect.poll(() => jobs.count()).toBe(50);
    const newest = await uploader.submit([picture]);
    await expect.poll(firstJob).toBe(newest.jobId);

    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => jobs.count()).toBe(3);
    await page.getByText('The end').waitFor();
    await page.getByRole('button', { name: 'Back' }).click();
    await expect.poll(() => jobs.count()).toBe(50);

    await page.getByLabel('Status').selectOption('complete');
    await expect.poll(() => jobs.count()).toBe(2);
    await page.getByLabel('With failures').check();
    await expect.poll(() => jobs.count()).toBe(1);
    expect(await firstJob()).toBe(failed.jobId);
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await uploader.pause({ jobId: newest.jobId });
    await page.getByLabel('Paused').check();
    await expect.poll(() => jobs.count()).toBe(1);
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await page.getByLabel('Until').fill('2001-01-01T00:00');
    await page.getByText('No job is like that.').waitFor();
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await page.getByLabel('From').fill('2001-01-01T00:00');
    await expect.poll(() => jobs.count()).toBe(50);

    await page.getByLabel('Job id').fill(done.jobId.slice(0, 8));
    await page.keyboard.press('Enter');
    await page.getByText('The whole id is needed').waitFor();
    expect(server.lines.filter((line) => line.includes(`jobs/${done.jobId.slice(0, 8)}`))).toEqual([]);
    await page.getByLabel('Job id').fill(done.jobId);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: `Job ${done.jobId}` }).waitFor();
    await page.goBack();
    await expect.poll(() => jobs.count()).toBe(50);
  });

  it('sees a job to its end: progress that moves, links that are links, failures in words', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls, pictures, work } = await open(onTestFinished);
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    pictures.set('/slow.gif', trickling(sampleImage('image/gif', { bytes: 4_000_000 }), mayEnd));
    const wanted = [pictures.urlOf('/slow.gif'), ...urls(1), pictures.urlOf('/gone.png?token=secret')];
    const { jobId } = await uploader.submit(wanted, { title: 'Cats', metadata: { order: 12 } });
    const page = await pages.open(`${server.url}${jobAddress(jobId)}`);
    const row = (index: number) => rowsOf(page, 'Uploads of this job').nth(index);
    await row(2).getByText('waiting').waitFor();
    await work();
    const bar = row(0).getByRole('progressbar', { name: 'Sent of upload 0' });
    await bar.waitFor();
    await expect.poll(() => bar.evaluate((own) => Reflect.get(own, 'position'))).toBeGreaterThan(0.2);
    await row(2).getByText('failed', { exact: true }).waitFor();
    await row(2).getByText('source_status').waitFor();
    await row(2)
      .getByText(/status 404/)
      .waitFor();
    expect(await row(2).textContent()).not.toContain('secret');
    end();
    await page.getByText('complete', { exact: true }).first().waitFor();
    await row(0).getByRole('link', { name: /imgur/ }).waitFor();
    await uploader.finished(jobId);
    for (const index of [0, 1]) {
      const link = row(index).getByRole('link');
      await link.waitFor();
      expect(await link.getAttribute('href')).toMatch(/^https:\/\/i\.imgur\.com\//);
      expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    }
    const facts = page.locator('dl.facts');
    await facts.getByText('complete, 1 failed', { exact: true }).waitFor();
    await facts.getByText('Cats').waitFor();
    await facts.getByText('{"order":12}').waitFor();
    expect(server.lines.filter((line) => line === 'GET /')).toHaveLength(1);
  });
});

/** Three quarters of a picture come little by little, the rest when it may. */
function trickling(picture: Uint8Array, mayEnd: Promise<void>): PictureHandler {
  const [piece, most] = [picture.length / 100, picture.length * 0.75];
  const trickle = async (response: ServerResponse): Promise<void> => {
    for (let at = 0; at < most; at += piece) {
      response.write(picture.subarray(at, at + piece));
      await sleep(20);
    }
    await mayEnd;
    response.end(picture.subarray(most));
  };
  return (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'image/gif', 'content-length': picture.length });
    void trickle(response);
  };
}
