import { describe, expect, test } from 'vitest';

import { BusyRoutes } from '../../src/http-source/busy-routes.ts';
import { HostTurns } from '../../src/http-source/host-turns.ts';
import { RouteTurns } from '../../src/http-source/route-turns.ts';
import type { Turn } from '../../src/http-source/source-host.ts';
import { type Target, targetOf } from '../../src/http-source/target.ts';
import { TransferError } from '../../src/transfer-error.ts';

const start = 'http://first.example/';

/** Hosts with one turn each. */
function setUp() {
  const turns = new HostTurns({ connectionsPerHost: 1, hostPauseMs: 1_000 }, () => 0);
  const routes = { turns, busyRoutes: new BusyRoutes() };
  const asked: string[] = [];
  /** Asks for one URL after another until one has no turn. */
  const walk = async (...hosts: string[]): Promise<TransferError | undefined> => {
    const route = new RouteTurns(routes);
    try {
      for (const host of ['first', ...hosts]) {
        route.next(targetOf(new URL(`http://${host}.example/`)));
        asked.push(host);
      }
      route.arrived();
      return undefined;
    } catch (error) {
      if (error instanceof TransferError) return error;
      throw error;
    } finally {
      route.end();
    }
  };
  const occupy = (host: string): Turn => turns.take(targetOf(new URL(`http://${host}.example/other`)));
  return { walk, occupy, asked };
}

describe('a redirect that led to a busy host', () => {
  test('costs no attempt, and its first host is asked no more before there is a turn', async () => {
    const { walk, occupy, asked } = setUp();
    const turn = occupy('second');
    for (let count = 0; count < 20; count += 1)
      expect(await walk('second')).toMatchObject({ code: 'source_busy' });
    expect(asked).toEqual(['first']);
    turn.end();
    expect(await walk('second')).toBeUndefined();
    expect(asked).toEqual(['first', 'first', 'second']);
  });

  test('keeps no turn, whether its first host had one or not', async () => {
    const { walk, occupy } = setUp();
    const second = occupy('second');
    await walk('second');
    second.end();
    const first = occupy('first');
    expect(await walk('second')).toMatchObject({ code: 'source_busy' });
    first.end();
    occupy('second').end();
    expect(await walk('elsewhere')).toBeUndefined();
    for (const host of ['first', 'second', 'elsewhere']) occupy(host).end();
  });

  test('is forgotten as soon as it has led to an answer', async () => {
    const { walk, occupy } = setUp();
    const second = occupy('second');
    await walk('second');
    expect(await walk('second')).toMatchObject({ code: 'source_busy' });
    second.end();
    await walk('second');
    occupy('second');
    expect(await walk('elsewhere')).toBeUndefined();
  });

  test('is remembered for each host on the way', async () => {
    const { walk, occupy, asked } = setUp();
    const second = occupy('second');
    await walk('second', 'third');
    second.end();
    const third = occupy('third');
    await walk('second', 'third');
    for (let count = 0; count < 20; count += 1)
      expect(await walk('second', 'third')).toMatchObject({ code: 'source_busy' });
    expect(asked).toEqual(['first', 'first', 'second']);
    third.end();
    expect(await walk('second', 'third')).toBeUndefined();
  });

  test('costs the attempt when it leads to another one each time', async () => {
    const { walk, occupy } = setUp();
    for (const host of ['a', 'b', 'c', 'd']) {
      const turn = occupy(host);
      const code = host === 'd' ? 'source_unavailable' : 'source_busy';
      expect(await walk(host)).toMatchObject({ code });
      turn.end();
    }
  });
});

test('routes are remembered of a hundred thousand URLs at most', () => {
  const routes = new BusyRoutes();
  const busy = new TransferError('source_busy', 'busy');
  const target = targetOf(new URL(start));
  const from = (url: number): Target => ({ host: 'from.example', url });
  for (let url = 0; url <= 100_000; url += 1) routes.met(from(url), target, busy);
  expect(routes.of(from(0))).toEqual([]);
  const { host, url: number } = target;
  for (const url of [1, 100_000]) expect(routes.of(from(url))).toEqual([{ host, url: number }]);
});
