// Steers a job that two other processes work on, and watches it. Says what it does, and ends by itself.
import { setTimeout as sleep } from 'node:timers/promises';

import { type JobSummary, silentLogger, Uploader, writeMappingCsv } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { RedisStore } from '@imgferry/redis-store';
import { Board } from './board.ts';
import { openRedis } from './open-redis.ts';
import { openWeb } from './open-web.ts';
import { startWorkers } from './start-workers.ts';

const limitMs = 60_000;

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('it was interrupted')));
const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(limitMs)]);

/** What has to be closed at the end, the last first. */
const closers: (() => Promise<unknown>)[] = [];

try {
  await steer();
} catch (error) {
  process.exitCode = 1;
  const why: unknown = signal.aborted ? signal.reason : error;
  console.error(`The example ended early: ${why instanceof Error ? why.message : why}`);
} finally {
  for (const close of closers.reverse()) await close();
}

async function steer(): Promise<void> {
  const redis = await openRedis();
  closers.push(redis.close);
  const web = await openWeb();
  closers.push(web.close);
  closers.push(await startWorkers(2, { ...redis.facts, IMGUR_API_URL: web.imgurUrl }));

  // This process only takes jobs in and steers them: it never calls `start`.
  const { REDIS_URL: url, NAMESPACE: namespace } = redis.facts;
  const store = new RedisStore({ url, namespace, logger: silentLogger });
  const source = createHttpSource();
  const host = createImgurHost({ clientId: 'any', apiUrl: web.imgurUrl });
  closers.push(() => Promise.all([store.close(), source.close(), host.close()]));
  const uploader = new Uploader({ store, source, host });

  const options = { idempotencyKey: 'the holiday of 2026' };
  const { jobId } = await uploader.submit(web.urls, options);
  // As when the first answer was lost on its way.
  const again = await uploader.submit(web.urls, options);
  console.log(`Submitted twice with one key: ${again.jobId === jobId ? 'it is one job' : 'these are two'}.`);

  const board = new Board(process.stdout, web.urls, process.env);
  await Promise.all([watch(uploader, jobId, board), steerTheFirst(uploader, jobId, board)]);
  board.say('Cancelled: the links that it has stay.');

  await uploader.retry(jobId, { codes: ['cancelled'] });
  board.say('Retried what the cancel has ended, and not the picture that is missing.');
  await watch(uploader, jobId, board);

  web.bringBack();
  await uploader.retry(jobId);
  board.say('The picture is there again: retried all that has no link.');
  await watch(uploader, jobId, board);
  board.close();

  const mapping = await uploader.mapping(jobId);
  if (mapping === undefined) throw new Error('the job is unknown');
  for await (const text of writeMappingCsv(mapping)) process.stdout.write(text);
}

async function steerTheFirst(uploader: Uploader, jobId: string, board: Board): Promise<void> {
  const until = (isSo: (job: JobSummary) => boolean): Promise<void> => untilJob(uploader, jobId, board, isSo);
  await until(({ claimed }) => claimed === 4);
  await uploader.pause({ jobId });
  board.look(await uploader.uploads(jobId, { status: 'claimed' }));
  board.say('Paused: what runs is finished, and nothing else begins.');
  await until(({ claimed }) => claimed === 0);
  await uploader.resume({ jobId });
  board.say('Resumed.');
  await until(({ complete, claimed }) => complete >= 6 && claimed > 0);
  await uploader.cancel(jobId);
}

/** Shows a run of a job until it is complete. Subscribes first and reads the state then, so that nothing is missed. */
async function watch(uploader: Uploader, jobId: string, board: Board): Promise<void> {
  const events = uploader.follow(jobId, { progress: true, signal });
  board.show(await uploader.uploads(jobId));
  for await (const event of events) board.hear(event);
  signal.throwIfAborted();
  // What a cancel ends is told by `job:finished` alone, and not one by one.
  board.show(await uploader.uploads(jobId));
}

/** Until this is so, or the job is complete. Shows on the way what is taken up and what is paused. */
async function untilJob(
  uploader: Uploader,
  jobId: string,
  board: Board,
  isSo: (job: JobSummary) => boolean,
): Promise<void> {
  for (;;) {
    const page = await uploader.uploads(jobId);
    board.look(page);
    if (page === undefined || page.job.status === 'complete' || isSo(page.job)) return;
    await sleep(50, undefined, { signal });
  }
}
