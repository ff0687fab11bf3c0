import { describe, expect, it } from 'vitest';

import { Attempts } from '../src/access/attempts.ts';

function failing(attempts: Attempts, client: string | undefined, times: number): void {
  for (let wrong = 1; wrong <= times; wrong += 1) attempts.fail(client);
}

describe('wrong passwords', () => {
  it('are ten at once, and then one in six seconds', () => {
    let now = 0;
    const attempts = new Attempts(() => now);
    failing(attempts, '203.0.113.9', 9);
    expect(attempts.waitMs('203.0.113.9')).toBe(0);
    failing(attempts, '203.0.113.9', 1);
    expect(attempts.waitMs('203.0.113.9')).toBe(6_000);
    now += 6_000;
    expect(attempts.waitMs('203.0.113.9')).toBe(0);
    failing(attempts, '203.0.113.9', 1);
    expect(attempts.waitMs('203.0.113.9')).toBe(6_000);
  });

  it('are counted for an IPv6 network and not for each of its addresses', () => {
    const attempts = new Attempts(() => 0);
    failing(attempts, '2001:db8:1:2:3:4:5:6', 5);
    failing(attempts, '2001:db8:1:2::9', 5);
    expect(attempts.waitMs('2001:db8:1:2:ffff::1')).toBeGreaterThan(0);
    expect(attempts.waitMs('2001:db8:1:3::1')).toBe(0);
  });

  it('are counted for all together where nobody knows who it is', () => {
    const attempts = new Attempts(() => 0);
    failing(attempts, undefined, 10);
    expect(attempts.waitMs(undefined)).toBeGreaterThan(0);
  });

  it('of a flood of addresses are counted together, and take no more memory', () => {
    let now = 0;
    const attempts = new Attempts(() => now);
    for (let client = 0; client < 10_100; client += 1)
      attempts.fail(`10.${client >> 16}.${(client >> 8) & 255}.${client & 255}`);
    expect(attempts.size).toBeLessThanOrEqual(10_001);
    expect(attempts.waitMs('203.0.113.9')).toBeGreaterThan(0);
    now += 120_000;
    attempts.fail('203.0.113.9');
    expect(attempts.waitMs('203.0.113.9')).toBe(0);
    expect(attempts.size).toBeLessThan(10);
  });
});
