import { describe, expect, it } from 'vitest';

import { coresOf, shareCores, type TasksetRun } from '../src/cores.ts';

const done = (stdout: string): TasksetRun => ({ status: 0, stdout, stderr: '' });
const refused: TasksetRun = { status: 1, stdout: '', stderr: 'invalid option' };

/** A taskset that knows on which cores a process runs, and whether it can move all of its threads. */
const tasksetOn =
  (cores: string, { movesThreads }: { readonly movesThreads: boolean }) =>
  (options = ''): TasksetRun =>
    options.includes('a') && !movesThreads ? refused : done(`pid 17's current affinity list: ${cores}\n`);

describe('a list of cores', () => {
  it('has single ones and stretches', () => {
    expect(coresOf('3')).toEqual(['3']);
    expect(coresOf('0-2,5')).toEqual(['0', '1', '2', '5']);
    expect(coresOf('1,8-9')).toEqual(['1', '8', '9']);
  });
});

describe('the cores of this process', () => {
  it('are shared as one for what is measured and the rest for all else', () => {
    const sharing = shareCores(tasksetOn('2-4,7', { movesThreads: true }));
    expect(sharing).toEqual({ possible: true, shares: { own: '2', others: '3,4,7' } });
  });

  it.each([
    ['there is no taskset', (): TasksetRun => ({ ...refused, status: null }), 'there is no taskset'],
    ['there is but one', tasksetOn('4', { movesThreads: true }), 'there is but one core'],
    ['taskset can not move all threads', tasksetOn('0,1', { movesThreads: false }), 'has no -a'],
  ])('are not shared where %s', (_, taskset, reason) => {
    expect(shareCores(taskset)).toEqual({ possible: false, reason: expect.stringContaining(reason) });
  });
});
