// The process whose memory is measured: an uploader as an application embeds it.
import { Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { MemoryStore } from '@imgferry/memory-store';
import { answerCalls } from '../answer-calls.ts';
import { peakBytes } from '../peak-bytes.ts';
import { RssSamples } from '../rss-samples.ts';
import { startStopwatch, type Taken } from '../stopwatch.ts';

/** What ferrying the bodies came to. */
export interface LargeBodiesRun extends Taken {
  /** Resident before anything was submitted. */
  readonly baseBytes: number;
  /** The most that samples saw while it worked. */
  readonly sampledPeakBytes: number;
  /** The most there ever was, as the system counts it. */
  readonly peakBytes: number;
}

const [apiUrl = '', concurrency] = process.argv.slice(2);
// All pictures are on one host.
const source = createHttpSource({ allow: ['127.0.0.1'], connectionsPerHost: Number(concurrency) });
const host = createImgurHost({ clientId: 'bench', apiUrl });
const uploader = new Uploader({ store: new MemoryStore(), source, host, concurrency: Number(concurrency) });
uploader.start();
const closing = new AbortController();

const calls = { ferry };

/** What can be asked of this process. */
export type LargeBodyUploader = typeof calls;

answerCalls(calls, async () => {
  closing.abort();
  await uploader.stop({ timeoutMs: 0 });
  await Promise.all([source.close(), host.close()]);
});

/** Ferries all URLs in one job. */
async function ferry(urls: readonly string[]): Promise<LargeBodiesRun> {
  const baseBytes = process.memoryUsage.rss();
  const samples = new RssSamples();
  const stopwatch = startStopwatch();
  try {
    const { jobId } = await uploader.submit(urls);
    const job = await uploader.finished(jobId, { signal: closing.signal });
    if (job?.complete !== urls.length)
      throw new Error(`${job?.complete} of ${urls.length} bodies have a link`);
    return { ...stopwatch(), baseBytes, sampledPeakBytes: samples.stop(), peakBytes: peakBytes() };
  } finally {
    samples.stop();
  }
}
