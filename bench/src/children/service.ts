// An application that embeds the library: the endpoints and the worker on one server.
import { createServer } from 'node:http';

import { Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { answerCalls } from '../answer-calls.ts';
import { closeServer } from '../close-server.ts';
import { listen } from '../listen.ts';
import { startStopwatch, type Taken } from '../stopwatch.ts';

const [apiUrl = '', concurrency] = process.argv.slice(2);
// All pictures are on one host.
const source = createHttpSource({ allow: ['127.0.0.1'], connectionsPerHost: Number(concurrency) });
const host = createImgurHost({ clientId: 'bench', apiUrl });
const uploader = new Uploader({ store: new MemoryStore(), source, host, concurrency: Number(concurrency) });
const server = createServer(toNodeHandler(createFetchHandler(uploader)));
const url = await listen(server);
uploader.start();
const closing = new AbortController();
let stopwatch = startStopwatch();

const calls = {
  address: () => url,
  /** To be called just before a job is posted. */
  begin: () => {
    stopwatch = startStopwatch();
  },
  finished,
};

/** What can be asked of this process. */
export type Service = typeof calls;

answerCalls(calls, async () => {
  closing.abort();
  await Promise.all([closeServer(server), uploader.stop()]);
  await Promise.all([source.close(), host.close()]);
});

/** Waits for a job and tells what was taken since it began. */
async function finished(jobId: string): Promise<Taken & { readonly complete: number }> {
  const job = await uploader.finished(jobId, { signal: closing.signal });
  return { ...stopwatch(), complete: job?.complete ?? 0 };
}
