import { readFileSync } from 'node:fs';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { tableRows } from '../../../tests/setup/table-rows.ts';
import { luaSteps } from '../src/lua-sources.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';
import { fillRichly } from './rich-namespace.ts';

moveClockByHand();

const NAMESPACE = 'rich';
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

const quoted = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');

/** What a name with places, as `j:<id>:u:<n>`, stands for. Ids of jobs and numbers have no colon, others may. */
function patternOf(name: string): RegExp {
  return new RegExp(`^${name.replace(/<(\w+)>/g, (_, place) => (/^(id|n)$/.test(place) ? '[^:]+' : '.+'))}$`);
}

describe('the keys in the README', () => {
  let server: RedisServer;
  const types = new Map<string, string>();

  beforeAll(async () => {
    server = await startRedisServer();
    const redis = new Redis(server.url);
    const clock = await new MovedClock(server.url, NAMESPACE).begin();
    await fillRichly(redis, server.url, NAMESPACE, clock);
    await redis.del(`{${NAMESPACE}}:clock`);
    for (const name of await redis.keys('*'))
      types.set(name.slice(`{${NAMESPACE}}:`.length), await redis.type(name));
    clock.close();
    redis.disconnect();
  }, 30_000);
  afterAll(() => server.close());

  const told = tableRows(readme, 'keys').flatMap(([names, type]) =>
    quoted(names).map((name) => ({ name, pattern: patternOf(name), type: type ?? '' })),
  );

  it('are those that the store keeps, each once and of its type', () => {
    const untold = [...types].filter(([name, type]) => {
      const rows = told.filter(({ pattern }) => pattern.test(name));
      return rows.length !== 1 || !rows[0]?.type.split(', ').includes(type);
    });
    expect(untold).toEqual([]);
    expect(types.size).toBeGreaterThan(50);
  });

  it('are kept by a store in which everything has happened', () => {
    const names = [...types.keys()];
    expect(told.filter(({ pattern }) => !names.some((name) => pattern.test(name)))).toEqual([]);
  });
});

describe('the steps in the README', () => {
  const told = tableRows(readme, 'steps').flatMap(([, names, full]) =>
    quoted(names).map((step) => ({ step, worksWhenFull: full === 'yes' })),
  );

  it('are all that there are', () => {
    expect(new Set(told.map(({ step }) => step))).toEqual(new Set(Object.keys(luaSteps)));
  });

  it('work when memory is full where Redis is told to let them', () => {
    const works = Object.entries(luaSteps).filter(([, { shebang }]) => /allow-oom|no-writes/.test(shebang));
    const names = new Set<string>(works.map(([step]) => step));
    expect(told.filter(({ step, worksWhenFull }) => names.has(step) !== worksWhenFull)).toEqual([]);
  });
});
