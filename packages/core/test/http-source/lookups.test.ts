import type { LookupAddress } from 'node:dns';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import type { Resolve } from '../../src/http-source/index.ts';
import { catchDials } from './dials.ts';
import { pngOf } from './images.ts';
import { failureOf, nextTurn, open, serve, sourceOf } from './loopback.ts';
import { serveNames } from './name-server.ts';

const png = pngOf();
const name = 'pictures.example';
const told = ({ code, message, retry }: Awaited<ReturnType<typeof failureOf>>) =>
  `${code}, ${retry}: ${message}`;
const blocked = 'blocked_address, never: the URL leads to an address that is not on the public web';

/** Watches the timers of one length, and tells which of them still run. */
function watchTimers(ms: number): () => unknown[] {
  const [set, clear] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')];
  onTestFinished(() => void vi.restoreAllMocks());
  return () => {
    const begun = set.mock.results
      .filter((_, at) => set.mock.calls[at]?.[1] === ms)
      .map(({ value }) => value);
    expect(begun).not.toEqual([]);
    return begun.filter((timer) => !clear.mock.calls.some(([cleared]) => cleared === timer));
  };
}

describe('a lookup', () => {
  test('that is answered when it is too late dials nothing', async () => {
    const canary = await serve(() => {});
    const late = Promise.withResolvers<() => void>();
    const resolve: Resolve = (_, __, callback) =>
      late.resolve(() => callback(null, [{ address: '127.0.0.1', family: 4 }]));
    const failure = await failureOf(
      open(sourceOf({ resolve, lookupTimeoutMs: 20 }), `http://${name}:${canary.port}/`),
    );
    expect(failure.code).toBe('source_timeout');
    (await late.promise)();
    await nextTurn();
    await nextTurn();
    expect(canary.sockets).toHaveLength(0);
  });

  test('has its limit to itself: a connection may last longer, and one to an address needs no lookup', async () => {
    const source = sourceOf({
      lookupTimeoutMs: 50,
      resolve: (_, __, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    for (const host of [name, '127.0.0.1']) {
      const server = await serve((_, response) => response.end(png));
      await open(source, `http://${host}:${server.port}/`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await open(source, `http://${host}:${server.port}/`);
      expect(server.sockets).toHaveLength(1);
    }
  });

  test('that was answered leaves no timer', async () => {
    await catchDials();
    const { resolve } = await serveNames(() => [[name, 'A', '93.184.216.34']], 10_000);
    const [limits, waits] = [watchTimers(12_345), watchTimers(8_000)];
    await failureOf(open(sourceOf({ allow: [], resolve, lookupTimeoutMs: 12_345 }), `http://${name}/`));
    expect([limits(), waits()]).toEqual([[], []]);
  });

  test('that is not wanted any longer leaves no timer', async () => {
    const controller = new AbortController();
    const source = sourceOf({
      resolve: () => setImmediate(() => controller.abort(new Error('enough'))),
      lookupTimeoutMs: 12_345,
    });
    const limits = watchTimers(12_345);
    await expect(open(source, `http://${name}/`, { signal: controller.signal })).rejects.toThrow('enough');
    await expect.poll(limits).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['no list', undefined],
    ['one address, as without `all`', '127.0.0.1'],
    ['records without an address', [null, {}]],
  ])('whose resolver gives %s fails that image alone', async (_, answer) => {
    const server = await serve((__, response) => response.end(png));
    const resolve: Resolve = (__, ___, callback) => setImmediate(callback, null, answer as LookupAddress[]);
    const source = sourceOf({ resolve });
    await expect(open(source, `http://${name}:${server.port}/`)).rejects.toThrow();
    expect((await open(source, server.url)).type).toBe('image/png');
  });

  test('whose resolver gives addresses for an error dials none of them', async () => {
    const dialled = await catchDials();
    const addresses = [{ address: '127.0.0.2', family: 4 }];
    const source = sourceOf({ resolve: (_, __, callback) => callback(addresses as never, addresses) });
    await expect(open(source, `http://${name}/`)).rejects.toThrow('resolve failed');
    expect(dialled).toEqual([]);
  });

  test('whose resolver throws fails that image alone', async () => {
    const server = await serve((_, response) => response.end(png));
    const source = sourceOf({
      resolve: () => {
        throw new Error('broken');
      },
    });
    await expect(open(source, `http://${name}:${server.port}/`)).rejects.toThrow('broken');
    expect((await open(source, server.url)).type).toBe('image/png');
  });

  test.each(['127.0.0.1%lo', '0x7f.1', '2130706433', '0177.0.0.1', 'localhost', '', '127.0.0.1/32', '[::1]'])(
    'that gives %j, which is no address, dials nothing',
    async (address) => {
      const dialled = await catchDials();
      const resolve: Resolve = (_, __, callback) => callback(null, [{ address, family: 4 }]);
      expect(told(await failureOf(open(sourceOf({ resolve }), `http://${name}/`)))).toBe(blocked);
      expect(dialled).toEqual([]);
    },
  );
});
