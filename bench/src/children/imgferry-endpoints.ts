// The endpoints as a user has them, on node:http. `imgferry-endpoints.ts [<Redis>]`
import { createServer } from 'node:http';

import { type Store, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { RedisStore } from '@imgferry/redis-store';
import { answerCalls } from '../answer-calls.ts';
import { closeServer } from '../close-server.ts';
import { listen } from '../listen.ts';
import { LoopHold } from '../loop-hold.ts';
import { peakBytes } from '../peak-bytes.ts';
import { type Ends, settledJob, settledLinks } from '../settled-uploads.ts';
import { startStopwatch } from '../stopwatch.ts';

const [redis] = process.argv.slice(2);
// What is complete is forgotten soon, but for its links: an application that has a million links has few jobs.
const store: Store =
  redis === undefined ? new MemoryStore({ retentionMs: 1 }) : new RedisStore({ url: redis });
const source = createHttpSource();
const host = createImgurHost({ clientId: 'bench' });
const uploader = new Uploader({ store, source, host });
const server = createServer(toNodeHandler(createFetchHandler(uploader)));
const url = await listen(server);

let hold = new LoopHold();
let stopwatch = startStopwatch();

const calls = {
  url: () => url,
  settledJob: (ends: Ends) => settledJob(store, ends),
  settledLinks: (count: number) => settledLinks(store, count),
  /** Begins to watch. */
  watch() {
    hold.stop();
    hold = new LoopHold();
    stopwatch = startStopwatch();
  },
  /** What has been seen since. */
  watched: () => ({
    heldMs: hold.stop(),
    cpuSeconds: stopwatch().cpuSeconds,
  }),
  rssBytes: () => process.memoryUsage.rss(),
  peakBytes,
};

/** What can be asked of this process. */
export type Endpoints = typeof calls;

answerCalls(calls, async () => {
  hold.stop();
  await closeServer(server);
  await Promise.all([store.close(), source.close(), host.close()]);
});
