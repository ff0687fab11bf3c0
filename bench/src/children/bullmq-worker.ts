// What a good engineer builds of BullMQ and undici where jobs are worked on. `bullmq-worker.ts <server> <uploads at once> <Redis>`
import { Worker as BullWorker } from 'bullmq';
import { getGlobalDispatcher } from 'undici';

import { answerCalls } from '../answer-calls.ts';
import { ferryPicture } from '../plain-transfer.ts';
import { Completed, type Worker } from '../submits.ts';

const [server = '', concurrency, redis = ''] = process.argv.slice(2);
const { hostname, port } = new URL(redis);
const worker = new BullWorker<{ readonly url: string; readonly title?: string }, string>(
  'pictures',
  ({ data: { url, title } }) => ferryPicture(url, server, title),
  { connection: { host: hostname, port: Number(port) }, concurrency: Number(concurrency) },
);
const completed = new Completed();
worker.on('completed', () => completed.add());
worker.on('failed', (_, error) => completed.fail(error.message));
await worker.waitUntilReady();

const calls: Worker = { completed: (count) => completed.reach(count) };
answerCalls(calls, async () => {
  await worker.close();
  await getGlobalDispatcher().destroy();
});
