import { describe, expect, it } from 'vitest';

import { type Output, showProgress } from '../src/show-progress.ts';

/** Shows one upload that completes, and answers what was written. */
function shown(output: Omit<Output, 'write'>, env: Readonly<Record<string, string>> = {}): string {
  let text = '';
  const write = (more: string | Uint8Array): boolean => {
    text += more;
    return true;
  };
  const display = showProgress(['cat.jpg'], { ...output, write }, env);
  display.update(0, { status: 'sending', sentBytes: 1, totalBytes: 2 });
  display.update(0, { status: 'complete', bytes: 2_000, link: 'https://i.imgur.com/a.jpg' });
  display.update(0, { status: 'fetching' });
  display.end();
  return text;
}

const ending = 'complete  cat.jpg     2 kB  https://i.imgur.com/a.jpg\n';
const terminal = { isTTY: true, columns: 80, rows: 24 } as const;

describe('progress', () => {
  it('is drawn over and over on a terminal, with the cursor hidden meanwhile', () => {
    const text = shown(terminal);
    expect(text.startsWith('\x1b[?25l')).toBe(true);
    expect(text.endsWith('\x1b[?25h')).toBe(true);
    expect(text).toContain('\x1b[3A\r');
    expect(text).toContain('\x1b[32m');
  });

  it('has no colours where NO_COLOR is set', () => {
    const text = shown(terminal, { NO_COLOR: '1' });
    expect(text).toContain('\x1b[3A\r');
    expect(text).not.toContain('\x1b[32m');
  });

  it.each([
    ['no terminal', {}, {}],
    ['a dumb terminal', terminal, { TERM: 'dumb' }],
    ['a terminal that is too low for it', { ...terminal, rows: 4 }, {}],
  ])('is a line for each ending on %s', (_what, output, env) => {
    expect(shown(output, env)).toBe(ending);
  });

  it('leaves nothing behind in the process', () => {
    const before = process.listenerCount('exit');
    shown(terminal);
    expect(process.listenerCount('exit')).toBe(before);
  });
});
