// Ours as a user has it: everything is on. `imgferry.ts <server> <uploads at once> [<Redis>]`
import { type JobSummary, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { MemoryStore } from '@imgferry/memory-store';
import { RedisStore } from '@imgferry/redis-store';
import { answerCalls } from '../answer-calls.ts';
import { type Ferried, jobsOf } from '../ferry.ts';
import { startStopwatch } from '../stopwatch.ts';

const [server = '', concurrency, redis] = process.argv.slice(2);
const store = redis === undefined ? new MemoryStore() : new RedisStore({ url: redis });
// All pictures are on one host, which is on this machine.
const source = createHttpSource({ allow: ['127.0.0.1'], connectionsPerHost: Number(concurrency) });
const host = createImgurHost({ clientId: 'bench', apiUrl: server });
const uploader = new Uploader({ store, source, host, concurrency: Number(concurrency) });
let onFinished: (job: JobSummary) => void = () => {};
uploader.on('job:finished', ({ job }) => onFinished(job));
uploader.start();

answerCalls({ ferry }, async () => {
  await uploader.stop();
  await Promise.all([store.close(), source.close(), host.close()]);
});

async function ferry(count: number): Promise<Ferried> {
  const stopwatch = startStopwatch();
  const jobs = jobsOf(server, count);
  let complete = 0;
  let finished = 0;
  const all = new Promise<void>((resolve) => {
    onFinished = (job) => {
      complete += job.complete;
      finished += 1;
      if (finished === jobs.length) resolve();
    };
  });
  await Promise.all(jobs.map((urls) => uploader.submit(urls)));
  await all;
  return { ...stopwatch(), complete };
}
