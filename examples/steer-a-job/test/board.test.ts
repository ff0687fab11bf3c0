import { describe, expect, it } from 'vitest';

import type { Upload } from '@imgferry/core';
import { anUpload } from '@imgferry/core/testing';
import { Board, type Output } from '../src/board.ts';

const urls = ['https://a.example/one.png', 'https://a.example/lighthouse.png'];
const terminal = { isTTY: true, columns: 80, rows: 24 } as const;

function setUp(output: Omit<Output, 'write'>, env: Record<string, string> = {}) {
  const written: string[] = [];
  const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
  const board = new Board({ ...output, write }, urls, env);
  return {
    board,
    progressed: (index: number, sentBytes: number, totalBytes = 4e6): void =>
      board.hear({
        ...{ type: 'upload:progressed', jobId: 'job', index, url: urls[index] ?? '', attempt: 1, at: 0 },
        ...{ sentBytes, totalBytes },
      }),
    text: () => written.splice(0).join(''),
    /** What stands there when it is drawn for the last time. */
    lines: () => {
      written.splice(0);
      board.close();
      return written.splice(0).join('').split('\n').slice(0, -1).map(withoutMoves);
    },
  };
}

const pageOf = (...items: Upload[]) => ({ job: {} as never, next: undefined, items });
const failed = (index: number, code: 'cancelled' | 'source_unavailable'): Upload =>
  anUpload({ index, status: 'failed', failure: { code, message: '' } });
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is the escape sequences that are taken away.
const withoutMoves = (line: string): string => line.replace(/\x1b\[\d*[AJ]/g, '');

describe('on a terminal', () => {
  it('the bars are drawn in the place of those before, below what is said', () => {
    const { board, progressed, text } = setUp(terminal);
    board.say('It begins.');
    text();
    progressed(0, 1e6);
    board.say('It goes on.');
    const drawn = text();
    // Three lines up, and everything below is erased.
    expect(drawn.startsWith('\u001b[3A\u001b[0JIt goes on.\n')).toBe(true);
    expect(drawn.split('\n').slice(1)).toEqual([
      `one.png        ${bar(5, 21)} 1.0 MB of 4.0 MB`,
      `lighthouse.png ${bar(0, 21)} waiting`,
      `total          ${bar(3, 21)} 1.0 MB sent, 0 of 2 have a link, 0 failed`,
      '',
    ]);
  });

  const end = pageOf(
    anUpload({ index: 0, status: 'complete', link: 'https://i.imgur.com/Ab3dE5f.jpg', bytes: 1e6 }),
    failed(1, 'source_unavailable'),
  );

  it.each([
    [
      100,
      [
        `one.png        ${bar(24, 24)} https://i.imgur.com/Ab3dE5f.jpg`,
        `lighthouse.png ${bar(0, 24)} source_unavailable`,
        `total          ${bar(12, 24)} 1.0 MB sent, 1 of 2 have a link, 1 failed`,
      ],
    ],
    [
      62,
      [
        'one.png        https://i.imgur.com/Ab3dE5f.jpg',
        'lighthouse.png source_unavailable',
        'total          1.0 MB sent, 1 of 2 have a link, 1 failed',
      ],
    ],
    [
      50,
      [
        'one.png        https://i.imgur.com/Ab3dE5f.jpg',
        'lighthouse.png source_unavailable',
        'total          1 of 2 have a link, 1 failed',
      ],
    ],
    [30, ['one.png    https://i…dE5f.jpg', 'light….png source_unavailable', 'total      1 of 2, 1 failed']],
  ])('%i columns wide, bars give way to the text and names to what has become of them', (columns, shown) => {
    const { board, lines } = setUp({ ...terminal, columns });
    board.show(end);
    expect(lines()).toEqual(shown);
  });

  it.each([1, 2, 10, 20, 30, 40, 60, 64, 80, 200])('no line fills the last of %i columns', (columns) => {
    const { board, lines } = setUp({ ...terminal, columns });
    board.show(pageOf(anUpload({ link: 'l'.repeat(300), status: 'complete' }), failed(1, 'cancelled')));
    expect(Math.max(...lines().map((line) => line.length))).toBeLessThan(Math.max(columns, 2));
  });

  it('what waits because of a pause says so, and what was taken up, that it was', () => {
    const { board, progressed, lines } = setUp(terminal);
    board.look(
      pageOf(anUpload({ status: 'claimed' }), anUpload({ index: 1, status: 'waiting', paused: true })),
    );
    expect(lines().map((line) => line.split(' ').at(-1))).toEqual(['started', 'paused', 'failed']);
    progressed(0, 1e6);
    // Read before the event was heard.
    board.look(pageOf(anUpload({ status: 'claimed' }), anUpload({ index: 1, status: 'waiting' })));
    expect(lines().slice(0, 2)).toEqual([
      expect.stringMatching('1.0 MB of 4.0 MB$'),
      expect.stringMatching('waiting$'),
    ]);
  });
});

describe('elsewhere', () => {
  it.each([
    ['in a file', {}, {}],
    ['on a dumb terminal', terminal, { TERM: 'dumb' }],
    ['on a terminal that is too low', { ...terminal, rows: 3 }, {}],
  ])('each beginning, quarter and end is a line, and none is told twice: %s', (_where, output, env) => {
    const { board, progressed, text } = setUp(output, env);
    const paused = anUpload({ index: 1, status: 'waiting', paused: true });
    board.look(pageOf(anUpload({ status: 'claimed' }), paused));
    for (const sentBytes of [0, 100, 1e6, 1.5e6, 3.9e6]) progressed(0, sentBytes);
    board.look(pageOf(anUpload({ status: 'claimed' }), paused));
    board.show(pageOf(failed(0, 'cancelled')));
    board.close();
    expect(text().split('\n')).toEqual([
      'one.png: started',
      'lighthouse.png: paused',
      'one.png: 25 % of 4.0 MB sent',
      'one.png: 75 % of 4.0 MB sent',
      'one.png: failed, cancelled',
      'total: 0.0 MB sent, 0 of 2 have a link, 1 failed',
      '',
    ]);
  });

  it('a terminal that has a row for the cursor as well is tall enough', () => {
    const { board, text } = setUp({ ...terminal, rows: 4 });
    board.say('It begins.');
    expect(text().split('\n')).toHaveLength(5);
  });
});

function bar(full: number, width: number): string {
  return '█'.repeat(full) + '░'.repeat(width - full);
}
