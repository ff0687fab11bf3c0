import { describe, expect, it } from 'vitest';

import type { Logger } from '@imgferry/core';
import { Attempts } from '../src/access/attempts.ts';
import { Buckets } from '../src/access/buckets.ts';
import { Remembered } from '../src/access/remembered.ts';

/** Attempts at a clock of ours. */
function scene() {
  const clock = { now: 0 };
  const lines: object[] = [];
  const warn = (facts: object): void => void lines.push(facts);
  const logger: Logger = { debug() {}, info() {}, warn, error() {} };
  const attempts = new Attempts(logger, () => clock.now);
  const wrong = (client: string | undefined, user = 'ann'): number =>
    attempts.count({ client, user, credentials: `${user}:a guess`, isRight: false });
  const right = (client: string | undefined, user = 'ann'): number =>
    attempts.count({ client, user, credentials: `${user}:right`, isRight: true });
  const times = (count: number, what: (at: number) => unknown): void => {
    for (let at = 0; at < count; at += 1) what(at);
  };
  return { clock, lines, wrong, right, times };
}

describe('wrong passwords', () => {
  it('for a name are ten at once, and then one in six seconds', () => {
    const { clock, wrong, right, times } = scene();
    times(10, () => expect(wrong('a')).toBe(0));
    expect(wrong('a')).toBe(6_000);
    expect(right('a')).toBe(6_000);
    clock.now += 6_000;
    expect(wrong('a')).toBe(0);
    expect(wrong('a')).toBe(6_000);
  });

  it('for one name keep no other out, nor another client', () => {
    const { wrong, right, times } = scene();
    times(11, () => wrong('a'));
    expect([right('a', 'bob'), right('b')]).toEqual([0, 0]);
  });

  it('for very many names are a hundred at once for a client, and then one in 0.6 seconds', () => {
    const { clock, wrong, right, times } = scene();
    times(100, (at) => expect(wrong('a', `name ${at}`)).toBe(0));
    expect([wrong('a', 'another'), right('a'), right('b')]).toEqual([600, 600, 0]);
    clock.now += 600;
    expect(wrong('a', 'another')).toBe(0);
    expect(wrong('a', 'another')).toBe(600);
  });

  it('keep nobody out who got in from there within the hour, and do an hour later', () => {
    const { clock, wrong, right, times } = scene();
    expect(right('a')).toBe(0);
    times(11, () => wrong('a'));
    expect([right('a'), right('b')]).toEqual([0, 0]);
    clock.now += 3_600_000;
    times(11, () => wrong('a'));
    expect(right('a')).toBeGreaterThan(0);
  });

  it('are no more than a hundred at once also where the right one would be let in', () => {
    const { wrong, right, times } = scene();
    right('a');
    times(99, () => wrong('a'));
    expect(right('a')).toBe(0);
    wrong('a');
    expect(right('a')).toBeGreaterThan(0);
  });

  it('are counted for all together where nobody knows who it is', () => {
    const { wrong, right, times } = scene();
    times(11, () => wrong(undefined));
    expect([right(undefined) > 0, right('a')]).toEqual([true, 0]);
  });

  it('are told to the log when they are too many, once a minute for a client', () => {
    const { clock, lines, wrong, times } = scene();
    times(9, () => wrong('a'));
    expect(lines).toEqual([]);
    times(50, () => wrong('a', 'ann'));
    times(20, () => wrong('a', 'bob'));
    expect(lines).toEqual([{ client: 'a', user: 'ann' }]);
    times(10, () => wrong(undefined, `a\u001b[31m\n${'x'.repeat(500)}`));
    expect(lines.slice(1)).toEqual([
      { client: 'unknown', user: expect.stringMatching(/^a \[31m x{150,200}…$/) },
    ]);
    clock.now += 60_000;
    times(10, () => wrong('a'));
    expect(lines).toHaveLength(3);
  });

  it('for many names are told to the log', () => {
    const { lines, wrong, times } = scene();
    times(100, (at) => wrong('a', `name ${at}`));
    expect(lines).toEqual([{ client: 'a', user: 'name 99' }]);
  });

  it('of all the networks of one site in IPv6 are a thousand at once, and keep no other site out', () => {
    const { wrong, right, times } = scene();
    times(1_000, (at) => expect(wrong(`2001:db8:1:${at.toString(16)}`)).toBe(0));
    expect([right('2001:db8:1:ffff'), right('2001:db8:2:0'), right('203.0.113.9')]).toEqual([60, 0, 0]);
  });

  it('of a flood of addresses take no more memory, and nothing from any other address', () => {
    const buckets = new Buckets({ most: 10, everyMs: 6_000 }, () => 0);
    for (let at = 0; at < 10; at += 1) buckets.take('guessing');
    for (let client = 0; client < 10_100; client += 1) {
      buckets.take(`${client}`);
      if (client % 5_000 === 0) buckets.take('guessing');
    }
    expect(buckets.size).toBe(10_000);
    expect([buckets.waitMs('another'), buckets.waitMs('guessing')]).toEqual([0, 6_000]);
  });
});

describe('who got in', () => {
  it('is known for an hour from the last time on, and of very many the newest are', () => {
    let now = 0;
    const remembered = new Remembered(() => now);
    remembered.add('a');
    remembered.add('b');
    now += 3_599_999;
    expect(remembered.has('a')).toBe(true);
    remembered.add('a');
    now += 3_599_999;
    expect(remembered.has('a')).toBe(true);
    for (let other = 0; other < 9_999; other += 1) remembered.add(`${other}`);
    expect(remembered.has('a')).toBe(true);
    remembered.add('one more');
    expect([remembered.has('a'), remembered.has('0')]).toEqual([false, true]);
  });
});
