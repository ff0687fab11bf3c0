import { describe, expect, it } from 'vitest';

import { hostFaults, planFaults, redisFaults, workerFaults } from './plan.ts';
import { Random } from './random.ts';

const plan = (seed: number, forMs = 600_000) => planFaults(new Random(seed), forMs, 5);

describe('the plan of a soak', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(plan(1)).toEqual(plan(1));
    expect(plan(2)).not.toEqual(plan(1));
  });

  it('has every kind of fault, and no two lanes that meet at one worker', () => {
    const lanes = plan(1);
    const kinds = new Set(lanes.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([...workerFaults, ...redisFaults, ...hostFaults].sort());
    const [even, odd] = lanes.map(({ faults }) => new Set(faults.map(({ worker }) => worker % 2)));
    expect([even, odd]).toEqual([new Set([0]), new Set([1])]);
  });

  it('ends in its time', () => {
    for (const { faults } of plan(3, 60_000))
      expect(faults.reduce((sum, { afterMs, forMs }) => sum + afterMs + forMs, 0)).toBeLessThanOrEqual(
        60_000,
      );
  });
});
