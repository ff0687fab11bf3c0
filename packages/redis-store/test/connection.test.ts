import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import { Cluster, Redis } from 'ioredis';
import { afterEach, expect, inject, it } from 'vitest';

import { InvalidOptionError, type NewJob, StoreUnavailableError, silentLogger } from '@imgferry/core';
import { type RedisProxy, startRedisProxy } from '../../../tests/setup/redis-proxy.ts';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { checkInfo, readInfo } from '../src/check-server.ts';
import { RedisSetupError, RedisStore, type RedisStoreOptions } from '../src/index.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const namespaces = new WeakMap<RedisStore, string>();

function storeOf(options: RedisStoreOptions): RedisStore {
  const namespace = `test-${crypto.randomUUID()}`;
  const store = new RedisStore({ namespace, logger: silentLogger, ...options });
  namespaces.set(store, namespace);
  open.push(store);
  return store;
}

function namespaceOf(store: RedisStore): string {
  return namespaces.get(store) ?? '';
}

function aJob(): NewJob {
  return { id: crypto.randomUUID(), urls: ['https://a.example/1.png'], host: 'host', options: {} };
}

/** A process that does not outlive its test, whatever becomes of that. */
function endsWithTheTest(child: ChildProcess): ChildProcess {
  open.push({ close: async () => void child.kill('SIGKILL') });
  return child;
}

async function aProxy(): Promise<RedisProxy> {
  const proxy = await startRedisProxy(inject('redisUrl'));
  open.push(proxy);
  return proxy;
}

it('a Redis that is not there is told of within two seconds, and no password with it', async () => {
  const store = storeOf({ url: 'redis://user:hunter2@127.0.0.1:1' });
  const before = performance.now();
  const error: unknown = await store.create(aJob()).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StoreUnavailableError);
  expect(performance.now() - before).toBeLessThan(2_500);
  expect(inspect(error, { depth: 10 }) + inspect(store, { depth: 10 })).not.toContain('hunter2');
});

it('a password that is not encoded as URLs are is refused, and not repeated', () => {
  const make = (): unknown => storeOf({ url: 'redis://:hunter2%zz@127.0.0.1' });
  expect(make).toThrow('url has a % that is not the beginning of an encoded character');
});

it.each([
  ['the password is wrong', ':wrong@', '', 'Redis refuses the credentials of the url (WRONGPASS)'],
  ['the password is missing', '', '', 'Redis refuses the credentials of the url (NOAUTH)'],
  ['there is no such database', ':hunter2@', '/99', 'Redis has no database of the number that the url names'],
])('a url is refused with the reason when %s', async (_why, credentials, path, reason) => {
  const { port } = new URL((await guardedRedis()).url);
  const store = storeOf({ url: `redis://${credentials}127.0.0.1:${port}${path}` });
  await expect(store.create(aJob())).rejects.toThrow(new RedisSetupError(reason));
});

it('a password that Redis takes no more is waited for once the store was in use', async () => {
  const server = await guardedRedis();
  const store = storeOf({ url: server.url.replace('//', '//:hunter2@') });
  await store.ready();
  const admin = new Redis(server.url, { password: 'hunter2' });
  open.push({ close: async () => admin.disconnect() });
  await admin.config('SET', 'requirepass', 'changed');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  const refused = 'Redis refuses the credentials of the url (WRONGPASS)';
  await expect
    .poll(() => store.get('job').catch((error: unknown) => error))
    .toEqual(new StoreUnavailableError(refused));
  await admin.config('SET', 'requirepass', 'hunter2');
  await expect.poll(() => store.get('job').catch((error: unknown) => error)).toBeUndefined();
});

async function guardedRedis(): Promise<RedisServer> {
  const server = await startRedisServer('--requirepass', 'hunter2');
  open.push(server);
  return server;
}

it('a connection that can not be made is not left trying when another one is made', async () => {
  const server = await startRedisServer('--maxclients', '2');
  open.push(server);
  const admin = new Redis(server.url);
  open.push({ close: async () => admin.disconnect() });
  await admin.ping();
  const store = storeOf({ url: server.url, timeoutMs: 200 });
  await store.ready();
  const wait = (timeoutMs: number) =>
    store.queue.wait({ host: 'host', timeoutMs, signal: AbortSignal.timeout(10_000) });
  for (let at = 0; at < 3; at += 1) await expect(wait(5_000)).rejects.toThrow(StoreUnavailableError);
  await admin.config('SET', 'maxclients', '100');
  await wait(200);
  // For longer than a connection rests between two tries.
  await sleep(1_200);
  const clients = String(await admin.client('LIST'))
    .trim()
    .split('\n');
  expect(clients).toHaveLength(['admin', 'steps', 'wake-ups'].length);
});

it('a client that was passed in and that its owner has closed stays closed', async () => {
  const client = new Redis(inject('redisUrl'), { socketTimeout: 1_000 });
  const store = storeOf({ client });
  await store.ready();
  client.disconnect();
  await once(client, 'end');
  await expect(store.get('job')).rejects.toThrow(
    new StoreUnavailableError('the connection to Redis was ended'),
  );
  expect(client.status).toBe('end');
});

it('however many steps wait for a Redis that is away, nobody is warned of a leak', async () => {
  const proxy = await aProxy();
  const store = storeOf({ url: proxy.url, timeoutMs: 400 });
  await store.ready();
  const warnings: Error[] = [];
  const warn = (warning: Error): number => warnings.push(warning);
  process.on('warning', warn);
  proxy.swallow();
  proxy.cut();
  const steps = await Promise.allSettled(Array.from({ length: 50 }, () => store.get('job')));
  process.off('warning', warn);
  expect(new Set(steps.map(({ status }) => status))).toEqual(new Set(['rejected']));
  expect(warnings).toEqual([]);
});

it('a connection that was cut is made again, and a step whose reply was lost is answered', async () => {
  const proxy = await aProxy();
  const store = storeOf({ url: proxy.url, timeoutMs: 5_000 });
  await store.ready();
  proxy.swallow('replies');
  const job = aJob();
  const created = store.create(job);
  const witness = new Redis(inject('redisUrl'));
  await expect.poll(() => witness.exists(`{${namespaceOf(store)}}:j:${job.id}`)).toBe(1);
  witness.disconnect();
  proxy.heal();
  proxy.cut();
  expect(['created', 'existing']).toContain((await created).status);
  expect((await store.get(job.id))?.total).toBe(1);
});

it('a step that Redis does not answer is given up in time', async () => {
  const proxy = await aProxy();
  const store = storeOf({ url: proxy.url, timeoutMs: 300 });
  await store.ready();
  proxy.swallow('replies');
  await expect(store.get('job')).rejects.toThrow('Redis did not answer in time');
});

it('a step that is under way when the store is closed ends at once', async () => {
  const proxy = await aProxy();
  const store = storeOf({ url: proxy.url, timeoutMs: 60_000 });
  await store.ready();
  proxy.swallow();
  proxy.cut();
  for (const count of [0, 1]) await expect.poll(() => proxy.connections, { interval: 1 }).toBe(count);
  const asked = store.get('job');
  await store.close();
  await expect(asked).rejects.toThrow('the Redis store was closed meanwhile');
});

it('a store that is closed while it begins to hear again ends no process', async () => {
  const proxy = await aProxy();
  const program = `
    import { RedisStore } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
    const store = new RedisStore({ url: ${JSON.stringify(proxy.url)}, namespace: 'test-${crypto.randomUUID()}' });
    await store.queue.wait({ host: 'host', timeoutMs: 50, signal: AbortSignal.timeout(5_000) });
    process.stdin.once('data', async () => {
      await store.get('job');
      await store.close();
      process.stdin.destroy();
    });
    process.stdout.write('ready');
  `;
  const args = ['--conditions=@imgferry/source', '--input-type=module', '-e', program];
  const child = endsWithTheTest(spawn(process.execPath, args, { stdio: 'pipe' }));
  await once(child.stdout ?? child, 'data');
  // The second time it asks to hear it gets no answer.
  proxy.swallowAfter('subscribe');
  proxy.cut();
  await expect.poll(() => proxy.swallowed, { interval: 5 }).toBe(1);
  child.stdin?.write('close');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('who can not hear looks again soon, however long its wait was to be', async () => {
  const proxy = await aProxy();
  const store = new RedisStore({
    url: proxy.url,
    namespace: `test-${crypto.randomUUID()}`,
    timeoutMs: 60_000,
  });
  open.push(store);
  const waits = (timeoutMs: number) =>
    store.queue.wait({ host: 'host', timeoutMs, signal: AbortSignal.timeout(60_000) });
  await waits(50);
  proxy.swallowAfter('subscribe');
  proxy.cut();
  await expect.poll(() => proxy.swallowed, { interval: 5 }).toBe(1);
  await waits(60_000);
  expect(proxy.swallowed).toBe(1);
});

it('a store that is closed while Redis does not answer keeps no process alive', async () => {
  const server = await startRedisServer();
  open.push(server);
  const program = `
    import { RedisStore } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
    const store = new RedisStore({ url: ${JSON.stringify(server.url)} });
    await store.ready();
    process.once('SIGTERM', () => void store.close());
    process.stdout.write('ready');
  `;
  const args = ['--conditions=@imgferry/source', '--input-type=module', '-e', program];
  const child = endsWithTheTest(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] }));
  await once(child.stdout ?? child, 'data');
  server.signal('SIGSTOP');
  const closed = performance.now();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(performance.now() - closed).toBeLessThan(1_500);
});

it('a store that nobody uses any more keeps no process alive once it is closed', async () => {
  const program = `
    import { RedisStore } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
    const store = new RedisStore({ url: ${JSON.stringify(inject('redisUrl'))}, namespace: 'test-${crypto.randomUUID()}' });
    await store.ready();
    await store.queue.wait({ host: 'host', timeoutMs: 50, signal: AbortSignal.timeout(1_000) });
    await store.close();
  `;
  const child = endsWithTheTest(
    spawn(process.execPath, ['--conditions=@imgferry/source', '--input-type=module', '-e', program], {
      stdio: 'inherit',
    }),
  );
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it.each([
  ['redis_version:6.2.1', 'Redis is 6.2.1; it must be 7.0 or later, or Valkey'],
  ['redis_version:7.0.0\r\nmaxmemory_policy:allkeys-lru', 'maxmemory-policy is allkeys-lru'],
  ['redis_version:7.0.0\r\nrole:slave', 'this Redis is a slave'],
])('a Redis of which INFO says %j is refused with the reason', (info, reason) => {
  expect(() => checkInfo(readInfo(info), silentLogger)).toThrow(reason);
});

it('a Redis that evicts is refused before the first job', async () => {
  const server = await startRedisServer('--maxmemory-policy', 'allkeys-lru');
  open.push(server);
  await expect(storeOf({ url: server.url }).create(aJob())).rejects.toThrow(RedisSetupError);
});

it.each([
  [{}, 'url'],
  [{ url: 'http://127.0.0.1' }, 'url'],
  [{ url: 'redis://127.0.0.1', namespace: 'a{b' }, 'namespace'],
  [{ url: 'redis://127.0.0.1', retentionMs: 0 }, 'retentionMs'],
  [{ url: 'redis://127.0.0.1', nameSpaces: 'a' }, 'nameSpaces is not an option; did you mean namespace?'],
  [{ url: 'redis://127.0.0.1', namespace: 'a\ud800' }, 'namespace'],
  [{ url: 'redis://127.0.0.1?keyPrefix=a' }, 'url'],
  [{ url: 'redis://127.0.0.1?stringNumbers=true' }, 'url'],
  [{ url: 'redis://127.0.0.1?autoResubscribe=true' }, 'url'],
  [{ client: new Redis({ lazyConnect: true, keyPrefix: 'a:' }) }, 'client'],
  [{ client: new Redis({ lazyConnect: true, stringNumbers: true }) }, 'client'],
  [
    { client: new Cluster([], { lazyConnect: true, redisOptions: { stringNumbers: true } as object }) },
    'client',
  ],
])('options that can not work are refused (%#)', (options, option) => {
  expect(() => new RedisStore(options)).toThrow(InvalidOptionError);
  expect(() => new RedisStore(options)).toThrow(option);
});
