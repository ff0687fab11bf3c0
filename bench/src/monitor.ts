import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

import { chromium } from 'playwright-core';

import { type Source, type Store, silentLogger, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource } from '@imgferry/core/testing';
import { toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { createMonitor } from '@imgferry/monitor';
import { RedisStore } from '@imgferry/redis-store';
import { chromiumArguments, chromiumBinary } from '../../tests/setup/chromium.ts';
import { startRedisServer } from '../../tests/setup/redis-server.ts';
import { closeServer } from './close-server.ts';
import { listen } from './listen.ts';
import { manyJobs } from './many-jobs.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { percentile } from './statistics.ts';
import { whileOpen } from './while-open.ts';

const jobs = { whole: 100_000, quick: 5_000 };
const requests = { whole: 500, quick: 20 };
const paints = { whole: 5, quick: 1 };

interface Asked {
  readonly quick: boolean;
  readonly name: string;
  /** Of Chromium. */
  readonly executablePath: string;
}

/** How long the monitor takes to answer, and its page to be there, on a store with 100,000 jobs. */
export async function measureMonitor({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  const executablePath = chromiumBinary();
  return whileOpen(async (open) => {
    const redis = open(await startRedisServer());
    return [
      ...(await measureOn(new MemoryStore({ maxEvents: 10_000 }), { quick, name: 'memory', executablePath })),
      ...(await measureOn(new RedisStore({ url: redis.url, timeoutMs: 60_000 }), {
        quick,
        name: 'Redis',
        executablePath,
      })),
    ];
  });
}

async function measureOn(store: Store, asked: Asked): Promise<Row[]> {
  return whileOpen(async (open) => {
    open(store);
    const count = jobs[asked.quick ? 'quick' : 'whole'];
    sayProgress(`monitor, ${asked.name}: filling the store with ${count.toLocaleString('en')} jobs`);
    const jobId = await manyJobs(store, count);
    const source: Source = createFakeSource();
    const uploader = new Uploader({ store, source, host: createFakeHost(), logger: silentLogger });
    const monitor = createMonitor(uploader, { access: { loopback: '127.0.0.1' }, logger: silentLogger });
    const server = createServer(toNodeHandler(monitor, { logger: silentLogger }));
    const url = await listen(server);
    open({ close: () => closeServer(server) });
    return [
      ...(await answers(url, jobId, asked)),
      ...(await firstPaints(url, asked)),
      ...(asked.name === 'memory' ? await weight(url) : []),
    ];
  });
}

async function answers(url: string, jobId: string, { quick, name }: Asked): Promise<Row[]> {
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const paths = [
    '/api/overview',
    '/api/queue',
    '/api/settings',
    '/api/workers',
    '/api/workers/w-1',
    '/api/jobs',
    '/api/jobs?status=pending',
    '/api/jobs?status=in-progress',
    '/api/jobs?status=complete',
    '/api/jobs?failed=true',
    '/api/jobs?status=complete&failed=true',
    '/api/jobs?paused=true',
    `/api/jobs?from=${anHourAgo}`,
    `/api/jobs?before=${anHourAgo}`,
    `/api/jobs/${jobId}`,
    `/api/jobs/${jobId}/uploads`,
    '/metrics',
  ];
  const rows: Row[] = [];
  for (const path of paths) {
    sayProgress(`monitor, ${name}: ${path}`);
    const tookMs = await timesOf(url + path, requests[quick ? 'quick' : 'whole']);
    const shown = path.replace(jobId, '{id}').replaceAll(anHourAgo, '<an hour ago>');
    rows.push({
      what: `monitor, ${name}, ${shown}: 99th percentile`,
      unit: 'ms',
      ours: [percentile(tookMs, 99)],
      aim: { of: 'ours', most: 50 },
    });
  }
  return rows;
}

/** One request after the other, each read to its end. The first few are not counted. */
async function timesOf(url: string, count: number): Promise<number[]> {
  const tookMs: number[] = [];
  for (let request = -10; request < count; request += 1) {
    const begunAt = performance.now();
    const response = await fetch(url);
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${url} answered with ${response.status}`);
    if (request >= 0) tookMs.push(performance.now() - begunAt);
  }
  return tookMs;
}

async function firstPaints(url: string, { quick, name, executablePath }: Asked): Promise<Row[]> {
  return whileOpen(async (open) => {
    const rows: Row[] = [];
    const browser = open(await chromium.launch({ executablePath, args: [...chromiumArguments] }));
    for (const [page, place, there] of [
      ['overview', '#/', '.stat .number'],
      ['jobs', '#/jobs', 'tbody tr'],
    ] as const) {
      sayProgress(`monitor, ${name}: first paint of the page ${page}`);
      const paintMs: number[] = [];
      const thereMs: number[] = [];
      for (let run = 0; run < paints[quick ? 'quick' : 'whole']; run += 1) {
        // A context of its own has nothing in its cache.
        const context = await browser.newContext();
        const shown = await context.newPage();
        await shown.goto(`${url}/${place}`);
        await shown.locator(there).first().waitFor();
        thereMs.push(Number(await shown.evaluate('performance.now()')));
        const painted = await shown.evaluate(
          `performance.getEntriesByName('first-contentful-paint')[0].startTime`,
        );
        paintMs.push(Number(painted));
        await context.close();
      }
      const what = `monitor, ${name}, page ${page}`;
      rows.push({
        what: `${what}: first paint`,
        unit: 'ms',
        ours: paintMs,
        aim: { of: 'ours', most: 1_000 },
      });
      rows.push({ what: `${what}: its data is there`, unit: 'ms', ours: thereMs });
    }
    return rows;
  });
}

/** What a browser loads before it shows anything. */
async function weight(url: string): Promise<Row[]> {
  const html = await (await fetch(`${url}/`)).text();
  const named = [...html.matchAll(/<(?:script|link)\b[^>]* (?:src|href)="([^"]*)"/g)].map(
    ([, path = '']) => `${url}/${path}`,
  );
  let bytes = gzipSync(html).length;
  for (const each of named) bytes += gzipSync(await (await fetch(each)).bytes()).length;
  return [{ what: 'monitor, weight of the page, gzipped', unit: 'kB', ours: [bytes / 1_000] }];
}
