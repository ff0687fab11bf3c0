// Ours where jobs are worked on, as a user has it: everything is on. `imgferry-worker.ts <server> <uploads at once> <Redis>`
import { Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { RedisStore } from '@imgferry/redis-store';
import { answerCalls } from '../answer-calls.ts';
import { Completed, type Worker } from '../submits.ts';

const [server = '', concurrency, redis = ''] = process.argv.slice(2);
const store = new RedisStore({ url: redis });
// All pictures are on one host, which is on this machine.
const source = createHttpSource({ allow: ['127.0.0.1'], connectionsPerHost: Number(concurrency) });
const host = createImgurHost({ clientId: 'bench', apiUrl: server });
const uploader = new Uploader({ store, source, host, concurrency: Number(concurrency) });
const completed = new Completed();
uploader.on('upload:completed', () => completed.add());
uploader.on('upload:failed', ({ failure }) => completed.fail(failure.message));
uploader.start();

const calls: Worker = { completed: (count) => completed.reach(count) };
answerCalls(calls, async () => {
  await uploader.stop();
  await Promise.all([store.close(), source.close(), host.close()]);
});
