import { expect, it } from 'vitest';

import { InvalidOptionError, type NewJob, StateError } from '@imgferry/core';
import { MemoryStore } from '../src/index.ts';

const job: NewJob = { id: 'job', urls: ['https://a.example'], host: 'host', options: { title: 'a' } };

it.each([
  [{ retentionMs: -1 }, 'retentionMs is -1; it must be a number from 1'],
  [{ retentionMs: Number.NaN }, 'retentionMs is NaN; it must be a number from 1'],
  [{ maxEvents: 0 }, 'maxEvents is 0; it must be a whole number from 1'],
  [{ maxLinks: 1.5 }, 'maxLinks is 1.5; it must be a whole number from 1'],
  [{ maxImages: 0 }, 'maxImages is 0; it must be a whole number from 1'],
  [{ clock: 5 as unknown as () => number }, 'clock is not a function'],
  [{ maxEvent: 5 } as object, 'maxEvent is not an option; did you mean maxEvents?'],
])('an option that can not work is refused: %j', (options, message) => {
  expect(() => new MemoryStore(options)).toThrow(new InvalidOptionError(...splitOption(message)));
});

it.each([0, -1, 1.5, Number.NaN])('a page of %s items is refused', async (limit) => {
  const store = new MemoryStore();
  await store.create(job);
  await expect(store.list({ limit })).rejects.toThrow(InvalidOptionError);
  await expect(store.links({ limit })).rejects.toThrow(InvalidOptionError);
  await expect(store.uploads('job', { limit })).rejects.toThrow(InvalidOptionError);
});

it('a store that was closed refuses to work', async () => {
  const store = new MemoryStore();
  await store.create(job);
  await store.close();
  const { signal } = new AbortController();
  const calls = [
    () => store.create(job),
    () => store.get('job'),
    () => store.list(),
    () => store.links(),
    () => store.settle([]),
    () => store.pause('queue'),
    () => store.stats(),
    () => store.queue.claim({ host: 'host', limit: 1, leaseMs: 1_000, workerId: 'worker' }),
    () => store.queue.wait({ host: 'host', timeoutMs: 1_000, signal }),
    () => store.budget.read(['bucket']),
    () => store.fleet.list(),
  ];
  for (const call of calls) await expect(call()).rejects.toThrow(StateError);
});

it('what it gives out can not be used to change what it keeps', async () => {
  const store = new MemoryStore();
  await store.create({ ...job, metadata: { inner: { list: [1] } } });
  const summary = await store.get('job');
  const inner = summary?.metadata?.inner as { list: number[] };
  expect(() => inner.list.push(2)).toThrow(TypeError);
  expect(() => Object.assign(summary ?? {}, { waiting: 7 })).toThrow(TypeError);
  expect(() => Object.assign(summary?.options ?? {}, { title: 'b' })).toThrow(TypeError);
});

function splitOption(message: string): [string, string] {
  const space = message.indexOf(' ');
  return [message.slice(0, space), message.slice(space + 1)];
}
