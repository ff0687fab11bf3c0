// Ferries images in a process of its own and says, as a line of JSON, how they ended and how much memory that took at
// most beyond what a job of fine images had taken before. What to ferry comes as JSON in the first argument.
import { silentLogger, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createFakeHost } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';

/** What the process is told. */
export interface MemoryTask {
  readonly fine: readonly string[];
  readonly urls: readonly string[];
  readonly maxBytes: Readonly<Record<string, number>>;
  readonly maxHeldBytes: number;
  readonly timeoutMs: number;
}

/** What it answers. */
export interface MemoryAnswer {
  readonly ends: readonly string[];
  /** Of chunks, the parser and all else outside of the heap. */
  readonly extraBufferBytes: number;
  /** Of the process as a whole. */
  readonly extraRssBytes: number;
}

const task = JSON.parse(process.argv[2] ?? '{}') as MemoryTask;
const { maxBytes, maxHeldBytes, timeoutMs } = task;
const store = new MemoryStore();
const limits = { idleTimeoutMs: timeoutMs, headersTimeoutMs: timeoutMs };
const source = createHttpSource({ allow: ['127.0.0.1'], maxHeldBytes, ...limits });
const host = createFakeHost({ limits: { maxBytes } });
const uploader = new Uploader({ store, source, host, retries: 0, maxAttempts: 1, logger: silentLogger });
uploader.start();

async function ferry(urls: readonly string[]): Promise<readonly string[]> {
  const { jobId } = await uploader.submit(urls);
  await uploader.finished(jobId);
  const page = await uploader.uploads(jobId);
  return (page?.items ?? []).map(({ status, failure }) => failure?.code ?? status);
}

let peakBufferBytes = 0;
// What counts is what is held, and not what the collector has left lying so far.
const collecting = setInterval(() => {
  globalThis.gc?.({ type: 'minor' });
  peakBufferBytes = Math.max(peakBufferBytes, process.memoryUsage().external);
}, 20);

/** The most that the process ever had. */
const peakRssBytes = (): number => process.resourceUsage().maxRSS * 1_024;

await ferry(task.fine);
globalThis.gc?.();
const before = { bufferBytes: process.memoryUsage().external, rssBytes: peakRssBytes() };
peakBufferBytes = before.bufferBytes;
const ends = await ferry(task.urls);
const answer: MemoryAnswer = {
  ends,
  extraBufferBytes: peakBufferBytes - before.bufferBytes,
  extraRssBytes: peakRssBytes() - before.rssBytes,
};
clearInterval(collecting);
await uploader.stop();
await Promise.all([store.close(), source.close()]);
process.stdout.write(`${JSON.stringify(answer)}\n`);
