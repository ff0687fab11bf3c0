// What most people write: download, then upload, so many at a time. No store, no retries, no limits, no checks.
import { randomUUID } from 'node:crypto';

import pLimit from 'p-limit';
import { getGlobalDispatcher, request } from 'undici';

import { answerCalls } from '../answer-calls.ts';
import { startStopwatch, type Taken } from '../stopwatch.ts';

interface Run {
  readonly source: string;
  readonly imgur: string;
  readonly count: number;
  readonly concurrency: number;
}

const calls = { ferry };

/** What can be asked of this process. */
export type PlainLoop = typeof calls;

answerCalls(calls, () => getGlobalDispatcher().destroy());

async function ferry({
  source,
  imgur,
  count,
  concurrency,
}: Run): Promise<Taken & { readonly complete: number }> {
  const urls = Array.from({ length: count }, (_, number) => `${source}/${number}.jpg`);
  const stopwatch = startStopwatch();
  const limit = pLimit(concurrency);
  const links = await Promise.all(urls.map((url) => limit(async () => upload(imgur, await download(url)))));
  return { ...stopwatch(), complete: new Set(links).size };
}

async function download(url: string): Promise<Buffer> {
  const { statusCode, body } = await request(url);
  if (statusCode !== 200) throw new Error(`${url} was answered with ${statusCode}`);
  return Buffer.from(await body.arrayBuffer());
}

async function upload(imgur: string, picture: Buffer): Promise<string> {
  const boundary = randomUUID();
  const { statusCode, body } = await request(`${imgur}/3/image`, {
    method: 'POST',
    headers: {
      authorization: 'Client-ID bench',
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    body: formOf(boundary, picture),
  });
  const reply = (await body.json()) as { readonly data: { readonly link: string } };
  if (statusCode !== 200) throw new Error(`the host answered with ${statusCode}`);
  return reply.data.link;
}

function formOf(boundary: string, picture: Buffer): Buffer {
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="image.jpg"\r\n` +
    'Content-Type: image/jpeg\r\n\r\n';
  return Buffer.concat([Buffer.from(head), picture, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}
