import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createFetchHandler } from '@imgferry/http-adapter';
import { createService, type Service } from './a-service.ts';

const count = 100_000;
const pageSize = 1_000;
const urls = Array.from({ length: count }, (_, index) => `https://source.example/${index}`);

/** A service with a job of 100,000 uploads, and how many pages of them were asked for. */
function withJob(): Service & { pages(): number } {
  let pages = 0;
  const service = createService({
    settings: { maxUrls: count },
    store: (store) => ({
      uploads: (jobId, page) => {
        pages += 1;
        return store.uploads(jobId, page);
      },
    }),
  });
  return { ...service, pages: () => pages };
}

describe.each([
  ['JSON', 'application/json'],
  ['CSV', 'text/csv'],
])('a mapping of 100,000 uploads as %s', (_, accept) => {
  const service = withJob();
  let path: string;
  beforeAll(async () => {
    path = `http://service.example/v1/images/upload/${(await service.uploader.submit(urls)).jobId}/mapping`;
  });
  afterAll(() => service.stop());
  const ask = (): Promise<Response> =>
    createFetchHandler(service.uploader)(new Request(path, { headers: { accept } }));

  it('is whole, in the order of the request, and pulled a page at a time as it is read', async () => {
    const before = service.pages();
    const answer = await ask();
    expect(service.pages() - before).toBe(1);
    const decoder = new TextDecoder();
    let text = '';
    let told = 0;
    for await (const chunk of answer.body ?? []) {
      const part = decoder.decode(chunk, { stream: true });
      text += part;
      told += part.split('waiting').length - 1;
      expect(part.length).toBeLessThan(200_000);
      // One page may have been begun that is not told yet.
      expect((service.pages() - before - 1) * pageSize).toBeLessThanOrEqual(told + 1);
    }
    expect(text.match(/https:\/\/source\.example\/\d+/g)).toEqual(urls);
    expect(service.pages() - before).toBe(count / pageSize);
  });

  it('is pulled no further when the reader stops, and let go when it leaves', async () => {
    const before = service.pages();
    const reader = (await ask()).body?.getReader();
    await reader?.read();
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(service.pages() - before).toBeLessThanOrEqual(3);
    await reader?.cancel();
    const pulled = service.pages();
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(service.pages()).toBe(pulled);
  });
});

describe('a mapping that can not be read to its end', () => {
  it.each([
    ['the store goes away', () => Promise.reject(new Error('gone'))],
    ['the job is forgotten', async () => undefined],
  ])('breaks off, and says so in the log, when %s between two pages', async (_, second) => {
    const { uploader, stop } = createService({
      store: (store) => ({
        uploads: async (jobId, page) => (page?.cursor === undefined ? store.uploads(jobId, page) : second()),
      }),
    });
    const logged: string[] = [];
    const log = (_facts: object, message: string): void => void logged.push(message);
    const handler = createFetchHandler(uploader, {
      logger: { debug: log, info: log, warn: log, error: log },
    });
    const { jobId } = await uploader.submit(urls.slice(0, pageSize + 1));
    for (const accept of ['application/json', 'text/csv']) {
      const path = `http://service.example/v1/images/upload/${jobId}/mapping`;
      const answer = await handler(new Request(path, { headers: { accept } }));
      expect(answer.status).toBe(200);
      await expect(answer.text()).rejects.toThrow();
    }
    expect(logged).toEqual(['an answer broke off', 'an answer broke off']);
    await stop();
  });
});
