// What a good engineer builds of BullMQ where jobs are taken in. `bullmq-taker.ts <server> <Redis>`
import { Queue } from 'bullmq';

import { answerCalls } from '../answer-calls.ts';
import { takerOf } from '../submits.ts';

const atOnce = 1_000;

const [server = '', redis = ''] = process.argv.slice(2);
const { hostname, port } = new URL(redis);
const queue = new Queue('pictures', {
  connection: { host: hostname, port: Number(port) },
  defaultJobOptions: {
    attempts: 4,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: true,
    removeOnFail: { count: 10_000 },
  },
});
await queue.waitUntilReady();

answerCalls(
  takerOf(server, async (urls, title) => {
    for (let first = 0; first < urls.length; first += atOnce)
      await queue.addBulk(
        urls.slice(first, first + atOnce).map((url) => ({ name: 'picture', data: { url, title } })),
      );
  }),
  () => queue.close(),
);
