import assert from 'node:assert/strict';

import { InvalidCursorError } from '../errors.ts';
import type { Page, PageOptions } from '../page.ts';
import { type Area, rule } from './rule.ts';
import { linkOf, newJob, urlsOf } from './scenario.ts';

/** Long lists. */
export const pages: Area = {
  name: 'pages',
  rules: [
    rule('jobs are listed newest first', async (scenario) => {
      const ids = [await scenario.create(), await scenario.create(), await scenario.create()];
      const { items, next } = await scenario.store.list();
      assert.deepEqual(
        items.map(({ id }) => id),
        ids.reverse(),
      );
      assert.equal(next, undefined);
    }),
    rule(
      'each job that is there throughout is on exactly one page, whatever is created meanwhile',
      async (scenario) => {
        const ids: string[] = [];
        for (let count = 0; count < 10; count += 1) ids.push(await scenario.create());
        const seen: string[] = [];
        await eachPage(
          3,
          (page) => scenario.store.list(page),
          async ({ items }) => {
            assert.ok(items.length <= 3);
            seen.push(...items.map(({ id }) => id));
            await scenario.create();
            await scenario.create();
          },
        );
        assert.deepEqual(
          seen.filter((id) => ids.includes(id)),
          ids.reverse(),
        );
      },
    ),
    rule('links are in the order of completion, over all jobs', async (scenario) => {
      await scenario.create(3);
      await scenario.create(2, { host: 'other-host' });
      const leases = [...(await scenario.leases(3)), ...(await scenario.leases(2, { host: 'other-host' }))];
      const order = [4, 0, 3, 2, 1].map((place) => leases[place] ?? assert.fail());
      for (const lease of order) await scenario.complete(lease);
      assert.deepEqual((await scenario.store.links()).items, order.map(linkOf));
    }),
    rule('pages of links give every link once, also those that come meanwhile', async (scenario) => {
      await scenario.create(9);
      const leases = await scenario.leases(9);
      for (const lease of leases.slice(0, 7)) await scenario.complete(lease);
      const late = leases.slice(7);
      const seen: string[] = [];
      await eachPage(
        3,
        (page) => scenario.store.links(page),
        async ({ items }) => {
          seen.push(...items);
          const lease = late.shift();
          if (lease !== undefined) await scenario.complete(lease);
        },
      );
      assert.deepEqual(seen, leases.map(linkOf));
    }),
    rule('pages of uploads give every upload once, in the order of the request', async (scenario) => {
      const jobId = await scenario.create(25);
      const seen: number[] = [];
      await eachPage(
        10,
        (page) => known(scenario.store.uploads(jobId, page)),
        async ({ items }) => {
          assert.ok(items.length <= 10);
          seen.push(...items.map(({ index }) => index));
        },
      );
      assert.deepEqual(seen, [...Array(25).keys()]);
    }),
    rule('a page of uploads comes with its job as it was in the same step', async (scenario) => {
      const jobId = await scenario.create(2);
      await scenario.complete(await scenario.lease());
      const page = await scenario.store.uploads(jobId);
      assert.deepEqual(page?.job, await scenario.job(jobId));
    }),
    rule('uploads can be read by their status', async (scenario) => {
      const jobId = await scenario.create(8);
      const [first, second, third] = await scenario.leases(4);
      assert.ok(first && second && third);
      await scenario.complete(first);
      await scenario.fail(second);
      await scenario.complete(third);
      const read = async (status: 'waiting' | 'claimed' | 'complete' | 'failed') =>
        (await scenario.store.uploads(jobId, { status }))?.items.map(({ index }) => index);
      assert.deepEqual(await read('complete'), [0, 2]);
      assert.deepEqual(await read('failed'), [1]);
      assert.deepEqual(await read('claimed'), [3]);
      assert.deepEqual(await read('waiting'), [4, 5, 6, 7]);
    }),
    rule('pages by status give every upload of it once', async (scenario) => {
      const jobId = await scenario.create(30);
      for (const lease of await scenario.leases(30)) {
        await (lease.index % 3 === 0 ? scenario.fail(lease) : scenario.complete(lease));
      }
      const seen: number[] = [];
      const read = (page: PageOptions) => known(scenario.store.uploads(jobId, { ...page, status: 'failed' }));
      await eachPage(4, read, async ({ items }) => {
        seen.push(...items.map(({ index }) => index));
      });
      assert.deepEqual(seen, [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
    }),
    rule('a page has at most 100 items unless it is told otherwise', async (scenario) => {
      const jobId = await scenario.create(150);
      assert.equal((await scenario.store.uploads(jobId))?.items.length, 100);
      assert.equal((await scenario.store.uploads(jobId, { limit: 130 }))?.items.length, 130);
    }),
    rule('a list that ends with a page has no cursor after it', async (scenario) => {
      const jobId = await scenario.create(4);
      await scenario.completeAll();
      assert.equal((await scenario.store.uploads(jobId, { limit: 4 }))?.next, undefined);
      assert.equal((await scenario.store.links({ limit: 4 })).next, undefined);
      assert.equal((await scenario.store.list({ limit: 1 })).next, undefined);
    }),
    rule('an empty list is one empty page', async ({ store }) => {
      assert.deepEqual(await store.list(), { items: [], next: undefined });
      assert.deepEqual(await store.links(), { items: [], next: undefined });
    }),
    rule('a cursor that was never given out is refused', async (scenario) => {
      const jobId = await scenario.create(3);
      const forged = ['', 'nonsense', '0', '-1', '99999999', '../..', '{}', 'e30', '\u0000', '*'];
      for (const cursor of forged) {
        await assert.rejects(scenario.store.list({ cursor }), InvalidCursorError, `list ${cursor}`);
        await assert.rejects(scenario.store.links({ cursor }), InvalidCursorError, `links ${cursor}`);
        await assert.rejects(
          scenario.store.uploads(jobId, { cursor }),
          InvalidCursorError,
          `uploads ${cursor}`,
        );
      }
    }),
    rule('a cursor of one list is refused by another', async (scenario) => {
      const jobId = await scenario.create(3);
      await scenario.create();
      await scenario.completeAll();
      const { next: jobs = '' } = await scenario.store.list({ limit: 1 });
      const { next: links = '' } = await scenario.store.links({ limit: 1 });
      await assert.rejects(scenario.store.links({ cursor: jobs }), InvalidCursorError);
      await assert.rejects(scenario.store.list({ cursor: links }), InvalidCursorError);
      await assert.rejects(scenario.store.uploads(jobId, { cursor: links }), InvalidCursorError);
    }),
    rule(
      'as many links are kept as the store was told to, the newest',
      async (scenario) => {
        await scenario.create(10);
        const leases = await scenario.leases(10);
        for (const lease of leases) await scenario.complete(lease);
        assert.deepEqual((await scenario.store.links()).items, leases.slice(6).map(linkOf));
      },
      { store: { maxLinks: 4 } },
    ),
    rule(
      'a reader of links goes on when those at its cursor are no longer kept',
      async (scenario) => {
        await scenario.create(10);
        const leases = await scenario.leases(10);
        for (const lease of leases.slice(0, 4)) await scenario.complete(lease);
        const { next = '' } = await scenario.store.links({ limit: 1 });
        for (const lease of leases.slice(4)) await scenario.complete(lease);
        const { items } = await scenario.store.links({ cursor: next });
        assert.deepEqual(items, leases.slice(6).map(linkOf));
      },
      { store: { maxLinks: 4 } },
    ),
    rule('a job reads the same in a list, by its id and as it was created', async ({ store }) => {
      const created = await store.create(newJob(urlsOf(2), { metadata: { a: 1 } }));
      const job = created.status === 'created' ? created.job : assert.fail();
      assert.deepEqual((await store.list()).items, [job]);
      assert.deepEqual(await store.get(job.id), job);
    }),
  ],
};

async function eachPage<P extends Page<unknown>>(
  limit: number,
  read: (page: PageOptions) => Promise<P>,
  take: (page: P) => Promise<void>,
): Promise<void> {
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await read({ limit, ...(cursor === undefined ? {} : { cursor }) });
    await take(page);
    cursor = page.next;
    pages += 1;
    assert.ok(pages < 50, 'the pages come to an end');
  } while (cursor !== undefined);
}

async function known<P>(page: Promise<P | undefined>): Promise<P> {
  return (await page) ?? assert.fail('the job is known');
}
