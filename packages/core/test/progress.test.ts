import { describe, expect, it } from 'vitest';

import { limitProgress } from '../src/progress.ts';

describe('progress', () => {
  it('lets through the first and the last of what comes in quick succession', () => {
    const reported: number[] = [];
    const report = limitProgress(100, 60_000, (sent) => reported.push(sent));
    for (const sent of [0, 10, 20, 99, 100]) report(sent);
    expect(reported).toEqual([0, 100]);
  });

  it('lets through everything when no time need lie between', () => {
    const reported: number[] = [];
    const report = limitProgress(100, 0, (sent) => reported.push(sent));
    for (const sent of [0, 50, 100]) report(sent);
    expect(reported).toEqual([0, 50, 100]);
  });
});
