import { silentLogger, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource, sampleImages } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { writeMetrics } from '../../src/metrics/index.ts';
import { parseExposition, type ReadFamily } from './exposition-parser.ts';

/** The metrics of a store on which a worker has run, with something of everything that has labels. */
export async function realMetrics(): Promise<ReadFamily[]> {
  const store = new MemoryStore();
  const source = createFakeSource({ 'https://source.example/a.png': sampleImages['image/png'] });
  const uploader = new Uploader({ store, source, host: createFakeHost(), logger: silentLogger });
  try {
    uploader.start();
    const { jobId } = await uploader.submit([
      'https://source.example/a.png',
      'https://source.example/gone.png',
    ]);
    await uploader.finished(jobId);
    await store.budget.observe({
      scope: ['a-bucket'],
      buckets: [{ bucket: 'a-bucket', remaining: 0, limit: 50, resetInMs: 60_000, reason: 'blocked' }],
    });
    return parseExposition(await writeMetrics(uploader));
  } finally {
    await uploader.stop({ timeoutMs: 0 });
    await store.close();
  }
}
