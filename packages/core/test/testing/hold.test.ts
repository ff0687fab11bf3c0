import { describe, expect, it } from 'vitest';

import { ConditionWaits } from '../../src/testing/condition-waits.ts';
import { Holds } from '../../src/testing/hold.ts';

describe('a hold', () => {
  it('stops those that come until it is released, and nobody after', async () => {
    const holds = new Holds();
    const hold = holds.add();
    const passing = [holds.pass(), holds.pass()];
    await hold.waitFor(2);
    hold.release();
    hold.release();
    await Promise.all([...passing, holds.pass()]);
    expect(hold.waiting).toBe(0);
  });

  it('of so many times lets the others pass', async () => {
    const holds = new Holds();
    const hold = holds.add({ times: 1 });
    const held = holds.pass();
    await holds.pass();
    expect(hold.waiting).toBe(1);
    hold.release();
    await held;
  });
});

describe('a wait for a condition', () => {
  it('is over at once when it is true already', async () => {
    await new ConditionWaits().until(() => true);
  });

  it('is over when somebody tells of the change', async () => {
    const waits = new ConditionWaits();
    let done = false;
    const waiting = waits.until(() => done);
    done = true;
    waits.changed();
    await waiting;
  });

  it('rejects with the reason of its signal', async () => {
    const aborting = new AbortController();
    const waiting = new ConditionWaits().until(() => false, aborting.signal);
    const reason = new Error('enough');
    aborting.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it('rejects with what its condition throws', async () => {
    const waits = new ConditionWaits();
    let broken = false;
    const waiting = waits.until(() => {
      if (broken) throw new Error('broken');
      return false;
    });
    broken = true;
    waits.changed();
    await expect(waiting).rejects.toThrow('broken');
  });

  it('rejects when it can not come true any more, now and later', async () => {
    const waits = new ConditionWaits();
    const waiting = waits.until(() => false);
    waits.end(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
    await expect(waits.until(() => false)).rejects.toThrow('closed');
  });
});
