import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it, type TestContext } from 'vitest';

import type { MonitorAccess } from '@imgferry/monitor';
import { memoryScene } from './monitor-scene.ts';
import { jobAddress } from './shown.ts';
import { anotherName, watchedPages } from './watched-pages.ts';

const pages = watchedPages();

const ann = { user: 'ann', password: 'correct horse', role: 'write' } as const;
const access: MonitorAccess = { users: [ann] };
const signedIn = { httpCredentials: { username: ann.user, password: ann.password } } as const;

/** A page of somebody else. Its script answers what came of it. */
async function elsewhere(
  onTestFinished: TestContext['onTestFinished'],
  body: string,
  name = '127.0.0.1',
): Promise<string> {
  const server = createServer((_, outgoing) => {
    outgoing.setHeader('content-type', 'text/html');
    outgoing.end(`<!doctype html><title>Elsewhere</title>${body}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${name}:${(server.address() as AddressInfo).port}/`;
}

describe('a page of another origin', () => {
  it.for([
    ['loopback', { loopback: '127.0.0.1' }, {}],
    ['a password that the browser keeps', access, signedIn],
  ] as const)(
    'changes nothing where one is let in by %s: by form, fetch, image or beacon',
    async ([, letsIn, options], { onTestFinished }) => {
      const { server, uploader, urls } = await memoryScene(onTestFinished, { access: letsIn });
      const { jobId } = await uploader.submit(urls(1));
      const attack = await elsewhere(
        onTestFinished,
        `<form method="post" action="${server.url}api/queue/pause"><button>Win</button></form>
      <script>
        const target = '${server.url}api/';
        const ways = [{}, { mode: 'no-cors' }, { mode: 'no-cors', credentials: 'include' },
          { credentials: 'include' }, { headers: { 'x-imgferry-monitor': '1' }, credentials: 'include' }];
        globalThis.attack = async () => {
          const told = [];
          for (const way of ways)
            for (const path of ['queue/pause', 'jobs/${jobId}/cancel', 'workers/all/drain'])
              told.push(await fetch(target + path, { method: 'POST', ...way }).then(({ type }) => type, () => 'failed'));
          navigator.sendBeacon(target + 'queue/pause');
          for (const way of ways) told.push(await fetch(target + 'jobs', way).then(({ type }) => type, () => 'failed'));
          return told;
        };
      </script>`,
      );
      const page = await pages.open(server.url, options);
      await page.getByText('Live', { exact: true }).waitFor();
      // The same browser, which may keep the password.
      const evil = await page.context().newPage();
      await evil.goto(attack);
      const told = (await evil.evaluate('attack()')) as string[];
      expect(new Set(told)).toEqual(new Set(['failed']));
      const [answer] = await Promise.all([
        evil.waitForResponse((response) => response.url().endsWith('/api/queue/pause')),
        evil.getByRole('button', { name: 'Win' }).click(),
      ]);
      expect(answer.status()).toBe(403);
      expect(server.lines.filter((line) => line.startsWith('POST')).length).toBeGreaterThan(6);
      expect((await uploader.stats()).queue).toMatchObject({ paused: false, liveJobs: 1 });
      expect(await uploader.job(jobId)).toMatchObject({ cancelled: false });
    },
  );

  it('can not put the monitor into a frame', async ({ onTestFinished }) => {
    const { server } = await memoryScene(onTestFinished);
    const url = await elsewhere(onTestFinished, `<iframe src="${server.url}"></iframe>`);
    const page = await pages.openUnwatched(url);
    await expect.poll(() => server.lines).toContain('GET /');
    const frame = page.frames().find((each) => each !== page.mainFrame());
    await expect.poll(() => frame?.url()).not.toBe('about:blank');
    await expect.poll(() => frame?.locator('body').textContent()).not.toContain('imgferry');
    expect(frame?.url()).toMatch(/^chrome-error:/);
    expect(server.streams).toBe(0);
  });

  it('gets nothing by turning its own name to this machine', async ({ onTestFinished }) => {
    const { server, uploader } = await memoryScene(onTestFinished);
    const turned = `http://${anotherName}:${server.port}/`;
    const page = await pages.openUnwatched(turned);
    expect(await page.textContent('body')).toContain('the Host header must be localhost');
    const told = await page.evaluate(`Promise.all(['GET', 'POST'].map((method) =>
      fetch('/api/' + (method === 'GET' ? 'overview' : 'queue/pause'), { method, headers: { 'x-imgferry-monitor': '1' } })
        .then(({ status }) => status)))`);
    expect(told).toEqual([403, 403]);
    expect((await uploader.stats()).queue.paused).toBe(false);
  });
});

describe('whoever may only look', () => {
  it('sees no buttons that change anything, and a write that they forge is refused', async ({
    onTestFinished,
  }) => {
    const { server, uploader, urls } = await memoryScene(onTestFinished, { access: { anonymous: 'read' } });
    const { jobId } = await uploader.submit(urls(1));
    await uploader.pause('queue');
    const page = await pages.open(`${server.url}${jobAddress(jobId)}`);
    await page.getByText('read only').waitFor();
    await page.getByRole('table', { name: 'Uploads of this job' }).waitFor();
    const steers = page.getByRole('button', { name: /cancel|pause|resume|retry|delete hash|drain|resize/i });
    for (const place of [`jobs/${jobId}`, 'queue', 'workers', '', 'jobs']) {
      await page.goto(`${server.url}#/${place}`);
      await page.locator('main .loaded').first().waitFor();
      expect(await steers.count(), place).toBe(0);
    }
    const statuses =
      await page.evaluate(`Promise.all(['jobs/${jobId}/cancel', 'queue/resume', 'workers/all/pause']
      .map((path) => fetch('api/' + path, { method: 'POST', headers: { 'x-imgferry-monitor': '1' } })
        .then(({ status }) => status)))`);
    expect(statuses).toEqual([403, 403, 403]);
    expect(await uploader.job(jobId)).toMatchObject({ cancelled: false });
    expect((await uploader.stats()).queue.paused).toBe(true);
  });
});

describe('a tab', () => {
  it('holds one stream, whatever page it shows, and none when it is closed', async ({ onTestFinished }) => {
    const { server } = await memoryScene(onTestFinished);
    const page = await pages.open(server.url);
    const beside = await pages.openBeside(page, `${server.url}#/workers`);
    await expect.poll(() => server.streams).toBe(2);
    await page.bringToFront();
    for (const place of ['Jobs', 'Queue', 'Settings', 'Workers', 'Overview']) {
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: place }).click();
      await page.locator('main .loaded').first().waitFor();
    }
    await expect.poll(() => server.streams).toBe(2);
    await page.close();
    await expect.poll(() => server.streams).toBe(1);
    await beside.close();
    await expect.poll(() => server.streams).toBe(0);
  });
});
