import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterEach, beforeAll, expect, inject } from 'vitest';

import { chromiumArguments } from '../setup/chromium.ts';

/** Pages of a browser, of which everything is noted that no page of the monitor may do. */
export interface WatchedPages {
  /** A page in a browser of its own, at this address. */
  open(url: string, options?: BrowserContextOptions, prepare?: Prepare): Promise<Page>;
  /** A further tab beside a page. */
  openBeside(page: Page, url: string): Promise<Page>;
  /** A page that nobody watches: of somebody else. */
  openUnwatched(url: string, options?: BrowserContextOptions): Promise<Page>;
}

/** What is done to a page before it goes anywhere. */
type Prepare = (page: Page) => Promise<unknown>;

/** Times and numbers as one reads them anywhere. */
const somebody: BrowserContextOptions = { locale: 'en-GB', timezoneId: 'UTC' };

/** A name of somebody else, which leads to this machine. */
export const anotherName = 'monitor.evil.example';
const args = [...chromiumArguments, `--host-resolver-rules=MAP ${anotherName} 127.0.0.1`];

/** Files of tests that a process runs one after the other share a browser. It ends with the process. */
let browser: Browser | undefined;

/**
 * Has a browser for a file of tests. After each test the pages have to have been good: no script but ours ran, nothing
 * was asked of another origin, and the browser had to forbid nothing.
 */
export function watchedPages(): WatchedPages {
  const offences: string[] = [];
  const closers: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    // One that has died has failed the file in which it did.
    if (browser?.isConnected() !== true)
      browser = await chromium.launch({ executablePath: inject('chromium'), args });
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    expect(offences.splice(0)).toEqual([]);
  });

  async function fresh(options: BrowserContextOptions): Promise<Page> {
    if (browser === undefined) throw new Error('the browser has not started');
    const context = await browser.newContext({ ...somebody, ...options });
    closers.push(() => context.close());
    return context.newPage();
  }

  async function openWatched(page: Page, url: string): Promise<Page> {
    await watch(page, new URL(url).origin, (offence) => offences.push(offence));
    await page.goto(url);
    return page;
  }

  return {
    async open(url, options = {}, prepare = async () => {}) {
      const page = await fresh(options);
      await prepare(page);
      return openWatched(page, url);
    },
    openBeside: async (page, url) => openWatched(await page.context().newPage(), url),
    async openUnwatched(url, options = {}) {
      const page = await fresh(options);
      await page.goto(url);
      return page;
    },
  };
}

/** What a request that went wrong leaves in the console is no fault of the page. */
const wentWrong = /^(?:Failed to load resource: |EventSource's response has a MIME type)/;

async function watch(page: Page, origin: string, tell: (offence: string) => void): Promise<void> {
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') tell(`asked for ${request.url().slice(0, 200)}`);
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !wentWrong.test(message.text()))
      tell(`said ${message.text()}`);
  });
  page.on('pageerror', (error) => tell(`threw ${error.message}`));
  page.on('popup', () => tell('opened a window'));
  page.on('dialog', (dialog) => {
    tell(`asked ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeFunction('tellOffence', tell);
  await page.addInitScript(tellViolations);
}

/** What the browser forbids. */
const tellViolations = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  tellOffence('violated ' + violatedDirective + ' with ' + blockedURI));`;
