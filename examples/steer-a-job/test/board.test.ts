import { describe, expect, it } from 'vitest';

import { anUpload } from '@imgferry/core/testing';
import { Board } from '../src/board.ts';

const urls = ['https://a.example/one.png', 'https://a.example/two.png'];

function setUp(isTTY: boolean) {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  const board = new Board({ isTTY, columns: 80, write: write as never }, urls);
  const progressed = (index: number, sentBytes: number, totalBytes = 4e6): void =>
    board.hear({
      ...{ type: 'upload:progressed', jobId: 'job', index, url: urls[index] ?? '', attempt: 1, at: 0 },
      ...{ sentBytes, totalBytes },
    });
  return { board, progressed, text: () => written.splice(0).join('') };
}

describe('on a terminal', () => {
  it('the bars are drawn in the place of those before, below what is said', () => {
    const { board, progressed, text } = setUp(true);
    board.say('It begins.');
    text();
    progressed(0, 1e6);
    board.say('It goes on.');
    const drawn = text();
    // Three lines up, and everything below is erased.
    expect(drawn.startsWith('\u001b[3A\u001b[0JIt goes on.\n')).toBe(true);
    expect(drawn.split('\n').slice(1)).toEqual([
      `one.png        ${bar(6)} 1.0 MB of 4.0 MB`,
      `two.png        ${bar(0)} waiting`,
      expect.stringMatching(`^total {10}${bar(3)} 1.0 MB sent`),
      '',
    ]);
  });

  it('no line is longer than the terminal is wide', () => {
    const { board, text } = setUp(true);
    board.show({
      job: {} as never,
      next: undefined,
      items: [anUpload({ link: 'l'.repeat(100), status: 'complete' })],
    });
    board.close();
    expect(
      Math.max(
        ...text()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThan(80 + '\u001b[0J'.length);
  });
});

describe('elsewhere', () => {
  it('each quarter and each end is a line, and none is told twice', () => {
    const { board, progressed, text } = setUp(false);
    for (const sentBytes of [0, 100, 1e6, 1.5e6, 3.9e6]) progressed(0, sentBytes);
    board.show({
      ...{ job: {} as never, next: undefined },
      items: [anUpload({ index: 0, status: 'failed', failure: { code: 'cancelled', message: '' } })],
    });
    board.close();
    expect(text().split('\n')).toEqual([
      'one.png: 0 % of 4.0 MB sent',
      'one.png: 25 % of 4.0 MB sent',
      'one.png: 75 % of 4.0 MB sent',
      'one.png: failed, cancelled',
      expect.stringMatching('0 of 2 have a link, 1 failed$'),
      '',
    ]);
  });
});

function bar(full: number): string {
  return '█'.repeat(full) + '░'.repeat(24 - full);
}
