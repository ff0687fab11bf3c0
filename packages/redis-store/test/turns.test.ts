import { expect, it } from 'vitest';

import { StoreUnavailableError } from '@imgferry/core';
import { Turns } from '../src/turns.ts';

it('steps of one name are taken one after the other, those of others beside them', async () => {
  const turns = new Turns();
  const taken: string[] = [];
  const first = Promise.withResolvers<void>();
  const step = (name: string, until?: Promise<void>) => async () => {
    taken.push(`${name} begins`);
    await until;
    taken.push(`${name} ends`);
  };
  const all = [turns.take('a', step('first', first.promise)), turns.take('a', step('second'))];
  await turns.take('b', step('other'));
  expect(taken).toEqual(['first begins', 'other begins', 'other ends']);
  first.resolve();
  await Promise.all(all);
  expect(taken.slice(3)).toEqual(['first ends', 'second begins', 'second ends']);
});

it('a step that fails fails alone, and the next one has its turn', async () => {
  const turns = new Turns();
  const failing = turns.take('a', () => Promise.reject(new Error('mine')));
  const next = turns.take('a', async () => 'done');
  await expect(failing).rejects.toThrow('mine');
  expect(await next).toBe('done');
});

it('who comes when very many wait is refused at once, and nothing is kept once all had their turns', async () => {
  const turns = new Turns();
  const first = Promise.withResolvers<void>();
  const running = turns.take('a', () => first.promise);
  const waiting = Array.from({ length: 32 }, () => turns.take('a', async () => {}));
  const begun: string[] = [];
  const refused = turns.take('a', async () => begun.push('refused'));
  await expect(refused).rejects.toThrow(StoreUnavailableError);
  await expect(refused).rejects.toThrow('too many retries choose from this job at once');
  expect(turns.size).toBe(1);
  first.resolve();
  await Promise.all([running, ...waiting]);
  expect([begun, turns.size]).toEqual([[], 0]);
  expect(await turns.take('a', async () => 'taken')).toBe('taken');
});
