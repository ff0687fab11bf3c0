// What a good engineer builds of BullMQ and undici: one job for each URL, added in bulk, tried again with a backoff. What is
// complete is forgotten at once, though ours keeps it: to keep it, all or the newest, costs BullMQ's Redis a tenth to a quarter more.
// `bullmq.ts <server> <uploads at once> <Redis> [<host, if it is not that server>]`
import { Queue, Worker } from 'bullmq';
import { getGlobalDispatcher } from 'undici';

import { answerCalls } from '../answer-calls.ts';
import { type Ferried, jobsOf } from '../ferry.ts';
import { ferryPicture } from '../plain-transfer.ts';
import { startStopwatch } from '../stopwatch.ts';

const [server = '', concurrency, redis = '', host = server] = process.argv.slice(2);
const { hostname, port } = new URL(redis);
const connection = { host: hostname, port: Number(port) };
const queue = new Queue<string, string>('pictures', {
  connection,
  defaultJobOptions: {
    attempts: 4,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: true,
    removeOnFail: { count: 10_000 },
  },
});
const worker = new Worker<string, string>('pictures', ({ data }) => ferryPicture(data, host), {
  connection,
  concurrency: Number(concurrency),
});
let completed: (link: string) => void = () => {};
worker.on('completed', (_, link) => completed(link));
await worker.waitUntilReady();

answerCalls({ ferry }, async () => {
  await worker.close();
  await queue.close();
  await getGlobalDispatcher().destroy();
});

async function ferry(count: number): Promise<Ferried> {
  const jobs = jobsOf(server, count);
  const links = new Set<string>();
  const stopwatch = startStopwatch();
  const all = new Promise<void>((resolve) => {
    completed = (link) => {
      links.add(link);
      if (links.size === count) resolve();
    };
  });
  await Promise.all(jobs.map((urls) => queue.addBulk(urls.map((url) => ({ name: 'picture', data: url })))));
  await all;
  return { ...stopwatch(), complete: links.size };
}
