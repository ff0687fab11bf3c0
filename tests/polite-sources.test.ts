import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import { silentLogger, type Upload, Uploader, type UploaderOptions } from '@imgferry/core';
import { createHttpSource, type HttpSourceOptions } from '@imgferry/core/http-source';
import { createFakeHost, sampleImage } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';

const png = sampleImage('image/png');

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const picture: Answer = (response) => void response.end(png);
const sayWhen =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(status, headers).end();

/** A web of sites on this machine, all on one port and told apart by their names. */
class Sites {
  readonly #answers = new Map<string, Answer>();
  readonly #requests = new Map<string, number[]>();
  readonly #server = createServer((request, response) => this.#answer(request, response));
  connections = 0;
  mostConnections = 0;

  async listen(): Promise<void> {
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      this.mostConnections = Math.max(this.mostConnections, this.connections);
      socket.once('close', () => {
        this.connections -= 1;
      });
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** The URLs of a site, which answers all of them the same way. */
  site(name: string, count: number, answer: Answer = picture): string[] {
    this.#answers.set(name, answer);
    const { port } = this.#server.address() as AddressInfo;
    return Array.from({ length: count }, (_, index) => `http://${name}:${port}/${index}.png`);
  }

  /** Has a site answer in another way from now on. */
  change(name: string, answer: Answer): void {
    this.#answers.set(name, answer);
  }

  /** When each request came to a site, by `performance.now()`. */
  requests(name: string): readonly number[] {
    return this.#requests.get(name) ?? [];
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const name = request.headers.host?.split(':')[0] ?? '';
    this.#requests.set(name, [...this.requests(name), performance.now()]);
    this.#answers.get(name)?.(response, request);
  }
}

/** Keeps answers back until they are released. */
class Held {
  readonly #waiting: ServerResponse[] = [];
  #open = false;

  get count(): number {
    return this.#waiting.length;
  }

  readonly answer: Answer = (response) => {
    if (this.#open) response.end(png);
    else this.#waiting.push(response);
  };

  release(): void {
    this.#open = true;
    for (const response of this.#waiting) response.end(png);
  }
}

interface Setting {
  readonly source?: HttpSourceOptions;
  readonly uploader?: Partial<UploaderOptions>;
}

async function setUp({ source: sourceOptions, uploader: options }: Setting = {}) {
  const sites = new Sites();
  await sites.listen();
  const store = new MemoryStore();
  const source = createHttpSource({
    allow: ['127.0.0.1'],
    resolve: (_hostname, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    ...sourceOptions,
  });
  const counts = { claimed: 0 };
  const claim = store.queue.claim.bind(store.queue);
  store.queue.claim = async (asked) => {
    const claimed = await claim(asked);
    counts.claimed += claimed.leases.length;
    return claimed;
  };
  const settings = { retryDelayMs: 5, attemptDelayMs: 20, logger: silentLogger, ...options };
  const uploader = new Uploader({ store, source, host: createFakeHost(), ...settings });
  onTestFinished(async () => {
    await uploader.stop({ timeoutMs: 0 });
    await source.close();
    await store.close();
    sites.close();
  });
  /** How often uploads went back into the queue because their source had no turn for them. */
  const handedBack = { count: 0 };
  const release = store.queue.release.bind(store.queue);
  store.queue.release = async (releases, observed) => {
    handedBack.count += releases.filter(({ failure }) => failure?.code === 'source_busy').length;
    await release(releases, observed);
  };
  const run = async (urls: readonly string[]): Promise<string> => {
    uploader.start();
    return (await uploader.submit(urls)).jobId;
  };
  const all = async (jobId: string): Promise<readonly Upload[]> =>
    (await uploader.uploads(jobId, { limit: 1_000 }))?.items ?? [];
  return { sites, uploader, handedBack, counts, run, all };
}

describe('a site with many images', () => {
  it('is read from by six at once, on connections that are used again, and costs no upload an attempt', async () => {
    const { sites, uploader, handedBack, run, all } = await setUp({ uploader: { concurrency: 20 } });
    const urls = sites.site('one.example', 60, (response) => void setTimeout(() => response.end(png), 5));
    const told: string[] = [];
    for (const name of ['upload:started', 'upload:retried'] as const)
      uploader.on(name, () => told.push(name));
    const jobId = await run(urls);
    expect(await uploader.finished(jobId)).toMatchObject({ complete: 60, failed: 0 });
    expect(handedBack.count).toBeGreaterThan(0);
    // Who is sent away has not started, and nobody is told of it.
    expect(told).toEqual(Array(60).fill('upload:started'));
    const history: string[] = [];
    for await (const { type } of uploader.follow(jobId, { after: 'the beginning' })) history.push(type);
    expect(history.filter((type) => type === 'upload:retried')).toEqual([]);
    expect(sites.mostConnections).toBe(6);
    expect(sites.requests('one.example')).toHaveLength(60);
    for (const { attempts } of await all(jobId)) expect(attempts).toBe(1);
  });

  it('is read from by no more than allowed when it redirects and breaks, and what broke is tried again', async () => {
    const { sites, uploader, run } = await setUp({ source: { connectionsPerHost: 2 } });
    let requests = 0;
    const urls = sites.site('one.example', 30, (response, { url = '' }) => {
      requests += 1;
      if (requests % 7 === 0) response.writeHead(500).end();
      else if (url.endsWith('.png')) response.writeHead(302, { location: `${url}?moved` }).end();
      else response.end(png);
    });
    expect(await uploader.finished(await run(urls))).toMatchObject({ complete: 30 });
    expect(sites.mostConnections).toBe(2);
  });
});

describe('a slow site', () => {
  it('holds up no other job, and its uploads say why they wait', async () => {
    const { sites, uploader, run, all } = await setUp();
    const slow = new Held();
    const slowJob = await run(sites.site('slow.example', 100, slow.answer));
    await expect.poll(() => slow.count).toBe(6);
    const others = ['a.example', 'b.example', 'c.example'].flatMap((name) => sites.site(name, 10));
    expect(await uploader.finished(await run(others))).toMatchObject({ complete: 30 });
    expect(slow.count).toBe(6);
    const waiting = (await all(slowJob)).filter(({ failure }) => failure !== undefined && failure !== null);
    expect(waiting.length).toBeGreaterThan(0);
    for (const { status, failure, attempts } of waiting) {
      if (status === 'waiting') expect(attempts).toBe(0);
      expect(failure?.code).toBe('source_busy');
    }
    slow.release();
    expect(await uploader.finished(slowJob)).toMatchObject({ complete: 100, failed: 0 });
  });

  it('holds up nothing that comes behind it in the same job', async () => {
    const { sites, uploader, run } = await setUp();
    const slow = new Held();
    const others = Array.from({ length: 10 }, (_, index) => sites.site(`${index}.example`, 1)).flat();
    const completed: string[] = [];
    uploader.on('upload:completed', ({ url }) => completed.push(url));
    await run([...sites.site('slow.example', 60, slow.answer), ...others]);
    await expect.poll(() => completed.length, { timeout: 10_000 }).toBe(10);
    expect(completed.sort()).toEqual(others);
    expect(slow.count).toBe(6);
  });
});

describe.each([
  ['429 with a Retry-After', sayWhen(429, { 'retry-after': '1' }), 1_000, {}],
  ['503 without a Retry-After', sayWhen(503), 400, { hostPauseMs: 400 }],
])('a site that answers %s', (_what, tooMuch, pauseMs, source) => {
  it('is left alone for that long, is then asked by one, and others go on meanwhile', async () => {
    const { sites, uploader, handedBack, run } = await setUp({ source });
    const jobId = await run(sites.site('one.example', 20, tooMuch));
    // Those that were asked at once are answered at once.
    await expect.poll(() => handedBack.count).toBeGreaterThan(6);
    const before = sites.requests('one.example');
    expect(before.length).toBeLessThanOrEqual(6);
    const probe = new Held();
    sites.change('one.example', probe.answer);
    expect(await uploader.finished(await run(sites.site('other.example', 20)))).toMatchObject({
      complete: 20,
    });
    expect(sites.requests('one.example')).toEqual(before);

    await expect.poll(() => probe.count, { timeout: 5_000 }).toBe(1);
    const [asked = 0, again = 0] = [before[0], sites.requests('one.example').at(-1)];
    expect(again - asked).toBeGreaterThanOrEqual(pauseMs - 2);
    const untilNow = handedBack.count;
    await expect.poll(() => handedBack.count, { timeout: 5_000 }).toBeGreaterThan(untilNow + 3);
    expect(probe.count).toBe(1);
    probe.release();
    expect(await uploader.finished(jobId)).toMatchObject({ complete: 20, failed: 0 });
  });
});

describe('a site that always answers 503', () => {
  it('ends its uploads as failed, after few requests and a bounded number of claims', async () => {
    const { sites, uploader, counts, run, all } = await setUp({ source: { hostPauseMs: 1 } });
    const jobId = await run(sites.site('dead.example', 60, sayWhen(503)));
    expect(await uploader.finished(jobId)).toMatchObject({ complete: 0, failed: 60 });
    for (const { attempts, failure } of await all(jobId)) {
      expect(attempts).toBe(3);
      expect(failure?.code).toBe('source_unavailable');
    }
    expect(sites.requests('dead.example').length).toBeLessThan(120);
    expect(counts.claimed).toBeLessThan(60 * 10);
  });

  it('only for one of its images fails that one, and completes the others', async () => {
    const { sites, uploader, run, all } = await setUp({ source: { hostPauseMs: 5 } });
    const urls = sites.site('one.example', 30, (response, request) =>
      request.url === '/7.png' ? sayWhen(503)(response, request) : picture(response, request),
    );
    const jobId = await run(urls);
    expect(await uploader.finished(jobId)).toMatchObject({ complete: 29, failed: 1 });
    expect((await all(jobId))[7]).toMatchObject({ status: 'failed', attempts: 3 });
    expect(sites.requests('one.example').length).toBeLessThanOrEqual(29 + 9);
  });

  it('to most of its images completes all others, and asks for the bad ones no more often than for any', async () => {
    const { sites, uploader, run, all } = await setUp({ source: { hostPauseMs: 3 } });
    const isGood = (url: string): boolean => Number(/(\d+)\.png/.exec(url)?.[1]) % 5 === 4;
    const asked = new Map<string, number>();
    const urls = sites.site('one.example', 30, (response, request) => {
      const { url = '' } = request;
      asked.set(url, (asked.get(url) ?? 0) + 1);
      (isGood(url) ? picture : sayWhen(429))(response, request);
    });
    const jobId = await run(urls);
    expect(await uploader.finished(jobId)).toMatchObject({ complete: 6, failed: 24 });
    for (const { url, status, attempts } of await all(jobId)) {
      expect({ url, status }).toEqual({ url, status: isGood(url) ? 'complete' : 'failed' });
      expect(attempts).toBe(isGood(url) ? 1 : 3);
    }
    expect(Math.max(...asked.values())).toBeLessThanOrEqual(9);
  });
});

describe('a site that redirects to a slow one', () => {
  it('is asked for no image again that had no turn there, and all complete when there is one', async () => {
    const { sites, uploader, handedBack, run, all } = await setUp({ uploader: { concurrency: 20 } });
    const slow = new Held();
    const there = sites.site('slow.example', 15, slow.answer);
    const urls = sites.site('one.example', 15, (response, { url = '' }) =>
      response.writeHead(302, { location: there[Number.parseInt(url.slice(1), 10)] }).end(),
    );
    const jobId = await run(urls);
    await expect.poll(() => sites.requests('one.example').length, { timeout: 10_000 }).toBe(15);
    const untilNow = handedBack.count;
    await expect.poll(() => handedBack.count, { timeout: 10_000 }).toBeGreaterThan(untilNow + 20);
    expect(slow.count).toBe(6);
    expect(sites.requests('one.example')).toHaveLength(15);
    slow.release();
    expect(await uploader.finished(jobId)).toMatchObject({ complete: 15, failed: 0 });
    expect(sites.requests('one.example').length).toBeLessThanOrEqual(15 + 9);
    for (const { attempts } of await all(jobId)) expect(attempts).toBe(1);
  });
});
