import { describe, expect, it } from 'vitest';

import { sampleImage } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { aWorker } from '../setup/a-worker.ts';
import { axeFindings } from './axe.ts';
import { memoryScene, sceneNames, scenes } from './monitor-scene.ts';
import { jobAddress, notice, numbers, rowsOf } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

describe.each(sceneNames)('somebody who steers, with the store in %s,', (name) => {
  const open = scenes[name];

  it('cancels a job, after being asked whether they mean it', async ({ onTestFinished }) => {
    const { server, uploader, urls } = await open(onTestFinished);
    const { jobId } = await uploader.submit(urls(3));
    const page = await pages.open(`${server.url}${jobAddress(jobId)}`);
    await page.getByRole('button', { name: 'Cancel job' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel this job?' });
    await dialog.getByText('3 uploads have no outcome yet').waitFor();
    await dialog.getByRole('button', { name: 'Back' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await uploader.job(jobId)).toMatchObject({ cancelled: false });
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await dialog.getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByText('The job is cancelled.').waitFor();
    await expect.poll(() => rowsOf(page, 'Uploads of this job').getByText('failed').count()).toBe(3);
    expect(await uploader.job(jobId)).toMatchObject({ cancelled: true, failed: 3 });
    await page.getByRole('button', { name: 'Cancel job' }).waitFor({ state: 'detached' });
  });

  it('has those of a job tried again that failed for one reason, and not the others', async ({
    onTestFinished,
  }) => {
    const { server, uploader, pictures, work } = await open(onTestFinished);
    pictures.set('/page.png', { type: 'image/png', bytes: Buffer.from('<!doctype html>') });
    const { jobId } = await uploader.submit(['/gone.png', '/page.png'].map((path) => pictures.urlOf(path)));
    await work();
    await uploader.finished(jobId);
    pictures.set('/gone.png', sampleImage('image/png'));
    const page = await pages.open(`${server.url}${jobAddress(jobId)}`);
    const helps = /^Check that the URL opens in a browser without signing in/;
    await page.getByRole('region', { name: 'What helps' }).getByText(helps).waitFor();
    await page.getByRole('button', { name: 'Retry failed' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry failed uploads?' });
    await dialog.getByText(helps).waitFor();
    await dialog.getByLabel('source_status').check();
    await dialog.getByRole('button', { name: 'Retry the chosen' }).click();
    const row = (index: number) => rowsOf(page, 'Uploads of this job').nth(index);
    await row(0).getByText('complete', { exact: true }).waitFor();
    await row(1).getByText('not_an_image').waitFor();
    expect(await uploader.job(jobId)).toMatchObject({ complete: 1, failed: 1 });
    expect(pictures.requests('/page.png')).toBe(1);
  });

  it('pauses a job, a host and the queue, is told so on every page and in every tab, and resumes them', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls, work } = await open(onTestFinished);
    const { jobId } = await uploader.submit(urls(2));
    const page = await pages.open(`${server.url}${jobAddress(jobId)}`);
    const facts = page.locator('dl.facts');
    await page.getByRole('button', { name: 'Pause job' }).click();
    await facts.getByText('paused', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Resume job' }).waitFor();

    const beside = await pages.openBeside(page, `${server.url}#/settings`);
    await page.bringToFront();
    await page.getByRole('link', { name: 'Queue' }).click();
    await page.getByRole('link', { name: '1 job paused' }).waitFor();
    await page.getByLabel('Host', { exact: true }).fill('imgur');
    await page.getByRole('button', { name: 'Pause host' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause this host' }).click();
    await notice(page, 'Host imgur is paused.').waitFor();
    await page.getByRole('button', { name: 'Pause the queue' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause it' }).click();
    for (const each of [beside, page]) {
      await each.bringToFront();
      await notice(each, 'The whole queue is paused.').waitFor();
      await notice(each, 'Host imgur is paused.').waitFor();
    }
    for (const place of ['Overview', 'Workers', 'Jobs', 'Settings']) {
      await page
        .getByRole('navigation', { name: 'Pages' })
        .getByRole('link', { name: place, exact: true })
        .click();
      await page.getByRole('heading', { level: 1, name: place }).waitFor();
      await notice(page, 'The whole queue is paused.').waitFor();
    }
    expect((await uploader.stats()).queue).toMatchObject({
      paused: true,
      pausedHosts: ['imgur'],
      waiting: 2,
    });

    await work();
    const notices = page.getByRole('region', { name: 'Notices' });
    await notices.getByRole('button', { name: 'Resume the queue' }).click();
    await notices.getByRole('button', { name: 'Resume host imgur' }).click();
    for (const each of [beside, page]) {
      await each.bringToFront();
      await expect.poll(() => notice(each, /paused/).count()).toBe(0);
    }
    await page.goto(`${server.url}${jobAddress(jobId)}`);
    await page.getByRole('button', { name: 'Resume job' }).click();
    await facts.getByText('complete', { exact: true }).waitFor();
    expect(await uploader.job(jobId)).toMatchObject({ complete: 2 });
  });

  it('resizes a worker, after being asked where that is far off, pauses all, resumes all and drains one, and they obey', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls, work } = await open(onTestFinished);
    const count = Math.max(1, (await work()).length);
    const page = await pages.open(`${server.url}#/workers`);
    const workers = rowsOf(page, 'Workers');
    await expect.poll(() => workers.getByText('online').count()).toBe(count);
    await page.getByRole('button', { name: 'Pause all workers' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause them' }).click();
    await expect.poll(() => workers.getByText('paused').count()).toBe(count);
    await page.getByRole('button', { name: 'Resume all workers' }).click();
    await expect.poll(() => workers.getByText('online').count()).toBe(count);

    await workers.first().getByRole('link').click();
    await page.getByRole('button', { name: 'Copy the id of the worker' }).click();
    await page.getByText('Copied the id of the worker.').waitFor();
    await page.getByLabel('Slots').fill('70');
    await page.getByRole('button', { name: 'Resize worker' }).click();
    const question = page.getByRole('dialog', { name: 'Resize to 70 slots?' });
    await question.getByText('more than ten times as many').waitFor();
    await question.getByRole('button', { name: 'Back' }).click();
    await question.waitFor({ state: 'detached' });
    expect(server.lines.filter((line) => line.endsWith('/resize'))).toEqual([]);
    await page.getByLabel('Slots').fill('7');
    await page.getByRole('button', { name: 'Resize worker' }).click();
    await page.getByText('0 of 7 slots').waitFor();
    expect((await uploader.workers()).map(({ slots }) => slots)).toContain(7);

    await page.getByRole('button', { name: 'Drain worker' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drain it' }).click();
    await page.getByRole('heading', { name: /^(No such worker|It was drained)$/ }).waitFor();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await uploader.submit(urls(1));
    if (count === 1) await page.getByText('no worker', { exact: true }).waitFor();
    else await expect.poll(() => numbers(page)).toMatchObject({ Complete: '1' });
    expect(await uploader.workers()).toHaveLength(count - 1);
  });
});

describe('somebody who steers one worker', () => {
  const report = aWorker({
    id: 'w-1',
    slots: 4,
    running: 2,
    settings: { heartbeatMs: 60_000, drainTimeoutMs: 8_000 },
  });

  it('sees what it was told until it reports that it obeys', async ({ onTestFinished }) => {
    const memory = new MemoryStore();
    await memory.fleet.beat(report, 60_000);
    const { server } = await memoryScene(onTestFinished, { store: () => memory });
    const page = await pages.open(`${server.url}#/workers/w-1`);
    const bar = page.getByRole('region', { name: 'Steer this worker' });
    await page.getByRole('button', { name: 'Pause worker' }).click();
    await page.getByText('It does so with its next beats, within about 2 min.').waitFor();
    await bar.getByText('told to pause').waitFor();
    await memory.fleet.beat({ ...report, state: 'paused' }, 60_000);
    await bar.getByText('told to pause').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Resume worker' }).waitFor();

    await page.getByRole('button', { name: 'Drain worker' }).click();
    const dialog = page.getByRole('dialog', { name: 'Drain this worker?' });
    await dialog.getByText(/the 2 uploads it has for up to 8 s\. What has not finished/).waitFor();
    await dialog.getByRole('button', { name: 'Drain it' }).click();
    await bar.getByText('told to drain').waitFor();
    await memory.fleet.beat({ ...report, state: 'draining' }, 60_000);
    await bar.getByText('told to drain').waitFor({ state: 'detached' });
    await memory.fleet.leave(report.id);
    await page.getByRole('heading', { name: 'It was drained' }).waitFor();
  });

  it('can ask for no number of slots that no worker may have, and finds those it has in the field again', async ({
    onTestFinished,
  }) => {
    const memory = new MemoryStore();
    await memory.fleet.beat(report, 60_000);
    const { server } = await memoryScene(onTestFinished, { store: () => memory });
    const page = await pages.open(`${server.url}#/workers/w-1`);
    const field = page.getByLabel('Slots');
    for (const typed of ['', '-3', '0', '1.5', '20000']) {
      await field.fill(typed);
      await expect.poll(() => page.getByRole('alert').textContent()).toBe('');
      await page.getByRole('button', { name: 'Resize worker' }).click();
      await page.getByText('Slots must be a whole number from 1 to 10000.').waitFor();
      expect([await field.inputValue(), await page.getByRole('dialog').count()]).toEqual(['4', 0]);
    }
    expect(await axeFindings(page)).toEqual([]);
    await field.fill('50');
    await page.getByRole('button', { name: 'Resize worker' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
    await expect.poll(() => field.inputValue()).toBe('4');
    expect(server.lines.filter((line) => line.startsWith('POST'))).toEqual([]);
    await field.fill('7');
    await page.getByRole('button', { name: 'Resize worker' }).click();
    await page.getByText('told to take 7 slots', { exact: true }).waitFor();
    expect(await field.inputValue()).toBe('4');
  });
});
