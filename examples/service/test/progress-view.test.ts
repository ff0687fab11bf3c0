import { describe, expect, it } from 'vitest';

import { type Row, renderEnding, renderFrame } from '../src/progress-view.ts';

const rows: Row[] = [
  { name: 'cat.jpg', state: { status: 'complete', bytes: 42_162, link: 'https://i.imgur.com/Ab3dE5f.jpg' } },
  { name: 'coffee.png', state: { status: 'sending', sentBytes: 80_886, totalBytes: 161_772 } },
  { name: 'horse.gif', state: { status: 'fetching' } },
  { name: 'rocket.tiff', state: { status: 'waiting' } },
  { name: 'gone.jpg', state: { status: 'failed', code: 'source_status' } },
];

describe('a frame', () => {
  it('has a line for each upload and one that counts', () => {
    expect(renderFrame(rows, { columns: 80, colours: false })).toEqual([
      '  cat.jpg      ━━━━━━━━━━━━━━━━━━━━━━    42 kB  https://i.imgur.com/Ab3dE5f.jpg',
      '  coffee.png   ━━━━━━━━━━━───────────   162 kB  50 %',
      '  horse.gif    ──────────────────────           fetching',
      '  rocket.tiff  ──────────────────────           waiting',
      '  gone.jpg     ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌           source_status',
      '',
      '  2 of 5 done: 1 complete, 1 failed',
    ]);
  });

  it('has colours where they are wanted, and the same text without them', () => {
    const coloured = renderFrame(rows, { columns: 80, colours: true });
    expect(coloured[1]).toBe(
      '  coffee.png   \x1b[36m━━━━━━━━━━━\x1b[0m\x1b[2m───────────\x1b[0m   162 kB  \x1b[2m50 %\x1b[0m',
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is the escape sequences that are taken away.
    const bare = coloured.map((line) => line.replace(/\x1b\[\d*m/g, '').trimEnd());
    expect(bare).toEqual(renderFrame(rows, { columns: 80, colours: false }));
  });

  it.each([1, 10, 20, 30, 40, 60, 80, 100, 200])('never fills the last of %i columns', (columns) => {
    const long: Row = {
      name: 'n'.repeat(300),
      state: { status: 'complete', bytes: 200_000_000, link: `https://i.imgur.com/${'x'.repeat(300)}.jpg` },
    };
    const lines = renderFrame([...rows, long], { columns, colours: false });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(Math.max(columns, 2));
  });

  it('keeps a link whole where there is room for it', () => {
    expect(renderFrame(rows, { columns: 70, colours: false })[0]).toContain(
      'https://i.imgur.com/Ab3dE5f.jpg',
    );
  });

  it('shows an image of no bytes as not begun', () => {
    const row: Row = { name: 'a', state: { status: 'sending', sentBytes: 0, totalBytes: 0 } };
    expect(renderFrame([row], { columns: 80, colours: false })[0]).toMatch(/0 %$/);
  });
});

describe('an ending', () => {
  it('is told in one line once there is one', () => {
    expect(rows.map((row) => renderEnding(row, 11))).toEqual([
      'complete  cat.jpg        42 kB  https://i.imgur.com/Ab3dE5f.jpg',
      undefined,
      undefined,
      undefined,
      'failed    gone.jpg              source_status',
    ]);
  });
});
