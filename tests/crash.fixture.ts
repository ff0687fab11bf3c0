// A process of the fleet that kills itself at one place on the way of an image, which its first argument names as `dies`.
// It is a worker with one slot, or with `serves` a server that takes submits in.
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';

import { Redis } from 'ioredis';

import { type Host, type SourceImage, silentLogger, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { RedisStore } from '@imgferry/redis-store';

/** Where it dies. At `nowhere` it waits to be killed from outside. */
export type Place =
  | 'while a submit is read'
  | 'before create'
  | 'between answers of create'
  | 'after create'
  | 'in wait'
  | 'after claim'
  | 'before open'
  | 'after open'
  | 'half of the image has left'
  | 'nowhere'
  | 'after upload'
  | 'before settle'
  | 'after settle'
  | 'before listeners hear';

interface CrashFacts {
  readonly url: string;
  readonly namespace: string;
  readonly apiUrl: string;
  readonly dies: Place;
  /** Of `between answers of create`: after so many of them. */
  readonly answers?: number;
  readonly serves?: boolean;
}

const { url, namespace, apiUrl, dies, answers, serves } = JSON.parse(process.argv[2] ?? '{}') as CrashFacts;
const client = new Redis(url);
const parts = dyingParts();
const timing = { concurrency: 1, leaseMs: 1_000, heartbeatMs: 200, pollMs: 200 };
const uploader = new Uploader({ ...parts, ...timing, logger: silentLogger });

process.stdin.resume().on('end', () => process.exit());
await (serves === true ? serve() : work());

async function work(): Promise<void> {
  if (dies === 'before listeners hear') uploader.on('upload:completed', die);
  await parts.store.get('any');
  tell({ told: 'ready' });
  uploader.start();
}

async function serve(): Promise<void> {
  const handler = toNodeHandler(createFetchHandler(uploader));
  const server = createServer((request, response) => {
    if (dies === 'while a submit is read') request.once('data', die);
    else void handler(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  tell({ told: 'ready', url: `http://127.0.0.1:${address.port}` });
}

/** A store, a source and a host, one method of one of which is deadly. */
function dyingParts() {
  const store = new RedisStore({ client, namespace, logger: silentLogger });
  const source = createHttpSource({ allow: ['127.0.0.1'] });
  const host = createImgurHost({ clientId: 'any', apiUrl });
  const { queue } = store;
  const createCounted: typeof store.create = async (job) => {
    await store.ready();
    return store.create(countingAnswers(job));
  };
  switch (dies) {
    case 'before create':
      return { store: changed(store, { create: die }), source, host };
    case 'between answers of create':
      return { store: changed(store, { create: createCounted }), source, host };
    case 'after create':
      return { store: changed(store, { create: async (job) => die(await store.create(job)) }), source, host };
    case 'in wait':
      return { store: changed(store, { queue: changed(queue, { wait: die }) }), source, host };
    case 'after claim': {
      const claim: typeof queue.claim = async (options) => {
        const claimed = await queue.claim(options);
        return claimed.leases.length > 0 ? die() : claimed;
      };
      return { store: changed(store, { queue: changed(queue, { claim }) }), source, host };
    }
    case 'before settle':
      return { store: changed(store, { settle: die }), source, host };
    case 'after settle':
      return {
        store: changed(store, { settle: async (...args) => die(await store.settle(...args)) }),
        source,
        host,
      };
    case 'before open':
      return { store, source: changed(source, { open: die }), host };
    case 'after open':
      return {
        store,
        source: changed(source, { open: async (...args) => die(await source.open(...args)) }),
        host,
      };
    case 'half of the image has left': {
      const upload: Host['upload'] = (image, options) => host.upload(halfOf(image), options);
      return { store, source, host: changed(host, { upload }) };
    }
    case 'after upload':
      return {
        store,
        source,
        host: changed(host, { upload: async (...args) => die(await host.upload(...args)) }),
      };
    default:
      return { store, source, host };
  }
}

/** From now on Redis is counted out: a process that has heard enough of its answers dies. */
function countingAnswers<Job>(job: Job): Job {
  let heard = 0;
  const counting =
    <Args extends unknown[]>(call: (...args: Args) => Promise<unknown>) =>
    async (...args: Args): Promise<unknown> => {
      const answer = await call.apply(client, args);
      heard += 1;
      return heard === answers ? die() : answer;
    };
  Object.assign(client, { evalsha: counting(client.evalsha), eval: counting(client.eval) });
  return job;
}

/** The image, of which one half leaves and the other never does. */
function halfOf(image: SourceImage): SourceImage {
  async function* half(): AsyncGenerator<Uint8Array> {
    let left = Math.floor(image.bytes / 2);
    for await (const chunk of image.body) {
      yield chunk.subarray(0, left);
      left -= chunk.length;
      if (left <= 0) await new Promise(() => {});
    }
  }
  return { ...image, body: half(), dispose: () => image.dispose() };
}

/** A part that does something else in place of some of its methods. */
function changed<Part extends object>(part: Part, changes: Partial<Part>): Part {
  return new Proxy(part, {
    get: (target, name) => {
      const value = Reflect.get(name in changes ? changes : target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function die(..._: readonly unknown[]): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

function tell(what: object): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}
