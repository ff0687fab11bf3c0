import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterEach, describe, expect, it } from 'vitest';

import { type Store, silentLogger } from '@imgferry/core';
import { createFetchHandler, type FetchHandlerOptions, toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { settle } from './a-run.ts';
import { createService, type ServiceChanges } from './a-service.ts';
import { EventParser } from './event-parser.ts';
import { listen } from './listen.ts';
import { connectRaw, type RawClient } from './raw-client.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.stop();
});

interface SceneChanges extends ServiceChanges {
  readonly options?: FetchHandlerOptions;
  readonly createStore?: () => Store;
  /** Mounts the handler inside one of somebody else's. */
  readonly wrapped?: boolean;
}

async function scene({ options, createStore, wrapped, ...changes }: SceneChanges = {}) {
  const counts = { open: 0, pulled: 0, longestWrite: 0 };
  const service = createService(
    {
      settings: { maxUrls: 30_000 },
      store: (store) => ({
        async *events(wanted) {
          counts.open += 1;
          wanted.signal.addEventListener('abort', () => (counts.open -= 1));
          for await (const event of store.events(wanted)) {
            counts.pulled += 1;
            yield event;
          }
        },
      }),
      ...changes,
    },
    createStore,
  );
  opened.push(service);
  const handler = createFetchHandler(service.uploader, { logger: silentLogger, ...options });
  const handle = toNodeHandler(wrapped ? (request) => handler(request) : handler);
  const answers: ServerResponse[] = [];
  const server = await listen(
    createServer((incoming, outgoing) => {
      answers.push(outgoing);
      const write = outgoing.write.bind(outgoing) as (chunk: Uint8Array) => boolean;
      outgoing.write = (chunk: Uint8Array) => {
        counts.longestWrite = Math.max(counts.longestWrite, chunk.length);
        return write(chunk);
      };
      handle(incoming, outgoing);
    }),
  );
  opened.push(server);
  return {
    ...service,
    counts,
    answers,
    submit: async (urls: readonly string[]) => (await service.uploader.submit(urls)).jobId,
    /** An answer of which nothing is read before somebody does. */
    async answerOf(path: string): Promise<IncomingMessage> {
      const asked = get(`${server.url}${path}`, { agent: false });
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      answer.on('error', () => {});
      opened.push({ stop: async () => void answer.destroy() });
      return answer;
    },
    /** A connection on which a request was sent. */
    async ask(path: string, ...headers: readonly string[]): Promise<RawClient> {
      const client = await connectRaw(server.port);
      opened.push({ stop: () => client.leave() });
      client.send([`GET ${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n'));
      return client;
    },
  };
}

const eventsOf = (jobId: string): string => `/v1/images/upload/${jobId}/events`;
const urls = (count: number, length = 30): string[] =>
  Array.from({ length: count }, (_, at) => `https://source.example/${at}/`.padEnd(length, 'x'));

/** What came, without the marks of the chunked transfer coding (RFC 9112, 7.1). */
function* chunksIn(body: string): Generator<Uint8Array, void, undefined> {
  for (let rest = Buffer.from(body); ; ) {
    const end = rest.indexOf('\r\n');
    const length = Number.parseInt(rest.toString('latin1', 0, end), 16);
    if (end < 0 || length === 0 || rest.length < end + 2 + length) return;
    yield rest.subarray(end + 2, end + 2 + length);
    rest = rest.subarray(end + 4 + length);
  }
}

describe('a stream on a connection', { timeout: 60_000 }, () => {
  it('is what an EventSource reads, byte by byte', async () => {
    const { submit, ask, store } = await scene();
    const [url = ''] = urls(1);
    const jobId = await submit([url]);
    const client = await ask(eventsOf(jobId));
    await client.until(/event: snapshot\n.*\n\n/);
    await settle(store, 1);
    const text = await client.until(/\r\n0\r\n\r\n$/);
    const [head = '', ...body] = text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toMatch(/^content-type: text\/event-stream\r?$/m);
    expect(head).toMatch(/^transfer-encoding: chunked\r?$/im);
    expect(head).not.toMatch(/content-length|content-encoding/i);
    const lines = Buffer.concat([...chunksIn(body.join('\r\n\r\n'))])
      .toString()
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
      .replace(/"job":\{[^}]*\}/g, '"job":<job>')
      .split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^retry: [2345]\d{3}$/),
      '',
      'event: snapshot',
      'data: {"job":<job>}',
      '',
      'event: job:started',
      expect.stringMatching(/^id: [0-9a-f]{8}-2$/),
      `data: {"jobId":"${jobId}","at":"<time>"}`,
      '',
      'event: upload:completed',
      expect.stringMatching(/^id: [0-9a-f]{8}-3$/),
      `data: {"jobId":"${jobId}","index":0,"url":"${url}","at":"<time>","link":"https://img.example/0"}`,
      '',
      'event: job:finished',
      expect.stringMatching(/^id: [0-9a-f]{8}-4:\d{13}$/),
      `data: {"jobId":"${jobId}","at":"<time>","job":<job>}`,
      '',
      '',
    ]);
  });

  it.each([
    ['while it is looked what is left to tell', false, false],
    ['while it is looked, behind a handler of somebody else', true, false],
    ['before anything was looked at', false, true],
  ])('that is left %s reads no further', async (_when, wrapped, early) => {
    const reads: AbortSignal[] = [];
    const gone = Promise.withResolvers<void>();
    const { uploader, submit, ask, answers } = await scene({
      wrapped,
      store: (store) => ({
        async get(jobId) {
          if (early && answers.length > 0) await gone.promise;
          return store.get(jobId);
        },
        async *events({ signal }) {
          reads.push(signal);
          if (!signal.aborted) await once(signal, 'abort');
          yield* [];
        },
      }),
    });
    const jobId = await submit(urls(1));
    await uploader.cancel(jobId);
    const client = await ask(`${eventsOf(jobId)}?after=a-1`);
    await expect.poll(() => (early ? answers : reads).length).toBeGreaterThan(0);
    await client.leave();
    await expect.poll(() => answers[0]?.destroyed).toBe(true);
    gone.resolve();
    await expect.poll(() => reads.length > 0 && reads.every(({ aborted }) => aborted)).toBe(true);
  });

  it.each([
    ['by its address', false],
    ['by its address, behind a handler of somebody else', true],
  ])(
    'of a client that has too many is refused, and taken when one of them ends, %s',
    async (_how, wrapped) => {
      const { submit, ask, answerOf } = await scene({
        wrapped,
        options: {
          clientOf: ({ headers }, { remoteAddress }) => headers.get('x-account') ?? remoteAddress,
          maxEventStreamsPerClient: 2,
        },
      });
      const path = eventsOf(await submit(urls(1)));
      const [first, second] = [await ask(path), await ask(path)];
      for (const client of [first, second]) await client.until(/event: snapshot/);
      const refused = await answerOf(path);
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5']);
      await (await ask(path, 'X-Account: another')).until(/event: snapshot/);
      await first.leave();
      await expect.poll(async () => (await answerOf(path)).statusCode).toBe(200);
    },
  );

  it('of anybody is taken where nobody says whose it is', async () => {
    for (const options of [{}, { clientOf: () => undefined }]) {
      const { submit, ask } = await scene({ options: { ...options, maxEventStreamsPerClient: 1 } });
      const path = eventsOf(await submit(urls(1)));
      for (let time = 0; time < 3; time += 1) await (await ask(path)).until(/event: snapshot/);
    }
  });

  it('that is left again and again leaves nothing behind', async () => {
    const { submit, ask, counts, answers } = await scene({ options: { maxEventStreams: 10 } });
    const path = eventsOf(await submit(urls(1)));
    const comeAndGo = async (): Promise<void> => {
      const client = await ask(path);
      await client.until(/event: snapshot/);
      await client.leave();
    };
    // There is room for ten, so each ten find that those before them have left their places.
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(Array.from({ length: 10 }, comeAndGo));
      while (counts.open > 0) await nextTurn();
    }
    expect(answers.every((answer) => answer.destroyed)).toBe(true);
    expect(
      answers.flatMap((answer) => ['drain', 'finish', 'close'].map((name) => answer.listenerCount(name))),
    ).toEqual(expect.not.arrayContaining([expect.toSatisfy((count: number) => count > 2)]));
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    expect(timers.length).toBeLessThan(10);
  });
});

async function parse(answer: IncomingMessage): Promise<EventParser> {
  const parser = new EventParser();
  for await (const chunk of answer) parser.push(chunk);
  return parser;
}

/** Until nothing is read from the store any more: whoever could take something has taken it. */
async function untilNothingMoves(counts: { readonly pulled: number }): Promise<void> {
  for (let before = -1; before !== counts.pulled; ) {
    before = counts.pulled;
    for (let turn = 0; turn < 100; turn += 1) await nextTurn();
  }
}

describe('a client that takes nothing', { timeout: 60_000 }, () => {
  /** More than what is on the way between two sockets. */
  const long = urls(4_000, 5_000);
  const all = long.map((_, index) => index);
  const createStore = (): Store => new MemoryStore({ maxEvents: 50_000 });

  it.each([
    ['as it is', false],
    ['wrapped', true],
  ])('is cut off, and what it read from is let go, of a handler %s', async (_, wrapped) => {
    const options = { stallTimeoutMs: 200 };
    const { submit, answerOf, store, counts, answers } = await scene({ options, wrapped, createStore });
    await answerOf(eventsOf(await submit(long)));
    await settle(store, long.length);
    await expect.poll(() => counts.open).toBe(0);
    if (!wrapped) expect(answers[0]?.destroyed).toBe(true);
  });

  it.each([
    ['that comes in parts', long],
    ['that comes in one piece', urls(1_000, 8_000)],
  ])('of any long answer is cut off, %s', async (_, images) => {
    const { submit, answerOf, answers } = await scene({ options: { stallTimeoutMs: 200 } });
    const answer = await answerOf(`/v1/images/upload/${await submit(images)}`);
    await expect.poll(() => answers[0]?.destroyed).toBe(true);
    await expect(parse(answer)).rejects.toThrow('aborted');
  });

  it('is told from one that takes a little: nothing long is handed over at once', async () => {
    const { submit, answerOf, counts } = await scene();
    let text = '';
    for await (const chunk of await answerOf(`/v1/images/upload/${await submit(long)}`)) text += chunk;
    expect(JSON.parse(text).uploaded.pending).toEqual(long);
    expect(counts.longestWrite).toBe(65_536);
  });

  it.each([
    ['comes back to everything', 50_000],
    ['comes back to how the job is, told as a gap', 1_000],
  ])('costs no memory meanwhile, and %s', async (_, maxEvents) => {
    const { submit, answerOf, store, counts, answers } = await scene({
      createStore: () => new MemoryStore({ maxEvents }),
    });
    const answer = await answerOf(eventsOf(await submit(long)));
    await settle(store, long.length);
    await untilNothingMoves(counts);
    expect(counts.pulled).toBeLessThan(long.length);
    expect(answers[0]?.writableLength).toBeLessThan(200_000);
    const [snapshot, started, ...events] = (await parse(answer)).events;
    const finished = events.pop();
    expect([snapshot?.type, started?.type, finished?.type]).toEqual([
      'snapshot',
      'job:started',
      'job:finished',
    ]);
    const gapAt = events.findIndex(({ type }) => type === 'gap');
    const indexes = events.filter(({ type }) => type === 'upload:completed').map(({ data }) => data.index);
    if (maxEvents > long.length) {
      expect(indexes).toEqual(all);
    } else {
      expect(events[gapAt]?.data.view.uploaded.complete).toHaveLength(long.length);
      expect(indexes).toEqual(all.slice(0, gapAt));
      expect(events).toHaveLength(gapAt + 1);
    }
  });

  it('holds next to nothing of the memory of the process', async () => {
    const { submit, answerOf, store, counts } = await scene({ createStore });
    const path = eventsOf(await submit(long));
    const clients: IncomingMessage[] = [];
    for (let at = 0; at < 3; at += 1) clients.push(await answerOf(path));
    await settle(store, long.length);
    await untilNothingMoves(counts);
    const withThem = await heldBytes();
    for (const client of clients) client.destroy();
    while (counts.open > 0) await nextTurn();
    expect((withThem - (await heldBytes())) / clients.length).toBeLessThan(400_000);
  });
});

/** What is freed is only counted as such some turns after. */
async function heldBytes(): Promise<number> {
  for (let time = 0; time < 3; time += 1) {
    collectGarbage();
    await nextTurn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
