// The floor for a program in Node: hand-written HTTP on sockets that stay, no library and no check; with a Redis, jobs are kept
// there by two small scripts, claimed and settled many at a time.
// `bare-sockets.ts <server> <uploads at once> [<Redis>]`
import { connect, type Socket } from 'node:net';

import { answerCalls } from '../answer-calls.ts';
import { type Ferried, jobsOf } from '../ferry.ts';
import { startStopwatch } from '../stopwatch.ts';
import { BareQueue, MemoryQueue, type Queue } from './bare-queue.ts';

const headEnd = Buffer.from('\r\n\r\n');
const boundary = 'imgferry-bench-boundary';
const formHead = Buffer.from(
  `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="image.jpg"\r\n` +
    'Content-Type: image/jpeg\r\n\r\n',
);
const formTail = Buffer.from(`\r\n--${boundary}--\r\n`);

/** One request at a time on one connection; an answer has a content-length. */
class Connection {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #missing = -1;
  #resolve: (body: Buffer[]) => void = () => {};

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  request(parts: readonly (string | Uint8Array)[]): Promise<Buffer[]> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#socket.cork();
      for (const part of parts) this.#socket.write(part);
      this.#socket.uncork();
    });
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (this.#missing < 0) this.#begin(chunk);
    else {
      this.#chunks.push(chunk);
      this.#missing -= chunk.length;
    }
    if (this.#missing !== 0) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#missing = -1;
    this.#resolve(chunks);
  }

  #begin(chunk: Buffer): void {
    const end = chunk.indexOf(headEnd);
    const head = chunk.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(head);
    const body = chunk.subarray(end + headEnd.length);
    this.#chunks = [body];
    this.#missing = Number(/content-length: (\d+)/.exec(head)?.[1]) - body.length;
  }
}

const [server = '', concurrency, redis] = process.argv.slice(2);
const port = Number(new URL(server).port);
const queue: Queue = redis === undefined ? new MemoryQueue() : new BareQueue(redis, Number(concurrency));
const lanes = Array.from({ length: Number(concurrency) }, () => ({
  source: new Connection(port),
  host: new Connection(port),
}));

answerCalls({ ferry }, async () => {
  for (const { source, host } of lanes) {
    source.end();
    host.end();
  }
  await queue.close();
});

async function ferry(count: number): Promise<Ferried> {
  const jobs = jobsOf(server, count);
  const links = new Set<string>();
  const stopwatch = startStopwatch();
  await queue.submit(jobs);
  await Promise.all(
    lanes.map(async ({ source, host }) => {
      while (links.size < count) {
        const upload = await queue.next();
        if (upload === undefined) return;
        const link = await transfer(source, host, upload.url);
        links.add(link);
        queue.settle(upload, link);
      }
    }),
  );
  await queue.settled();
  return { ...stopwatch(), complete: links.size };
}

async function transfer(source: Connection, host: Connection, url: string): Promise<string> {
  const picture = await source.request([
    `GET ${url.slice(server.length)} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`,
  ]);
  const bytes = picture.reduce((sum, { length }) => sum + length, formHead.length + formTail.length);
  const head =
    `POST /3/image HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Client-ID bench\r\n` +
    `content-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${bytes}\r\n\r\n`;
  const reply = await host.request([head, formHead, ...picture, formTail]);
  return (JSON.parse(Buffer.concat(reply).toString()) as { data: { link: string } }).data.link;
}
