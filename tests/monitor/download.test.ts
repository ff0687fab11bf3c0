import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';

import { MemoryStore } from '@imgferry/memory-store';
import { memoryScene } from './monitor-scene.ts';
import { jobAddress } from './shown.ts';
import { watchedPages } from './watched-pages.ts';

const pages = watchedPages();

it('what became of each URL of a job is downloaded page by page, can be cancelled, and tells no query', async ({
  onTestFinished,
}) => {
  const memory = new MemoryStore();
  const { server } = await memoryScene(onTestFinished, { store: () => memory });
  const id = randomUUID();
  const urls = Array.from({ length: 450 }, (_, at) => `https://pictures.example/${at}.png?signature=secret`);
  await memory.create({ id, urls, host: 'imgur', options: {} });
  const { leases } = await memory.queue.claim({ host: 'imgur', limit: 1, leaseMs: 60_000, workerId: 'w' });
  const link = 'https://i.imgur.com/abc.png';
  const outcome = { status: 'complete', link, bytes: 1, type: 'image/png', width: 1, height: 1 } as const;
  await memory.settle(leases.map((lease) => ({ lease, posts: 1, outcome })));
  const page = await pages.open(`${server.url}${jobAddress(id)}`);
  const mapping = page.getByRole('region', { name: 'Uploads', exact: true });

  const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
  await page.route(
    (url) => url.pathname.endsWith('/uploads') && url.searchParams.has('cursor'),
    async (route) => {
      await mayGoOn;
      // Nobody waits for what was cancelled.
      await route.continue().catch(() => {});
    },
  );
  await mapping.getByRole('button', { name: 'Download mapping as CSV' }).click();
  await mapping.getByText('200 of 450').waitFor();
  await mapping.getByRole('button', { name: 'Cancel download' }).click();
  await mapping.getByRole('button', { name: 'Download mapping as CSV' }).waitFor();
  goOn();

  const rows = (await downloaded(page, 'Download mapping as CSV', `mapping-${id}.csv`)).split('\r\n');
  expect(rows).toHaveLength(452);
  expect(rows[0]).toMatch(/^no,url \(.*the monitor leaves out.*\),link,status,failure$|^no,"url \(/);
  expect(rows[1]).toBe(`0,https://pictures.example/0.png?…,${link},complete,`);
  expect(rows[450]).toBe('449,https://pictures.example/449.png?…,,waiting,');
  const lines = await downloaded(page, 'Download mapping as JSON lines', `mapping-${id}.jsonl`);
  const values = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(values).toHaveLength(451);
  expect(values[0]).toEqual({ note: expect.stringContaining('the monitor leaves out') });
  expect(values[1]).toMatchObject({ no: 0, link, status: 'complete' });
  expect([...rows, lines].join()).not.toContain('secret');
});

/** What a button downloads. */
async function downloaded(page: Page, button: string, name: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(name);
  return readFile(await download.path(), 'utf8');
}
