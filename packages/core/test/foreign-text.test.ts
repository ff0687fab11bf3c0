import { describe, expect, it } from 'vitest';

import { foreignText } from '../src/foreign-text.ts';

describe('a stranger’s text', () => {
  it('becomes one line without what steers a terminal or turns text around', () => {
    expect(foreignText(' a\r\n\tb\u0000\u001b[2Jc\u202ed\u2066e\u2028f\u0085g ')).toBe('a b [2Jc d e f g');
  });

  it('is cut to 200 characters', () => {
    expect(foreignText('x'.repeat(200))).toBe('x'.repeat(200));
    expect(foreignText('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
    expect(foreignText('x'.repeat(1_000_000))).toHaveLength(200);
  });

  it('is never cut inside of a character', () => {
    expect(foreignText(`${'x'.repeat(198)}😀😀`)).toBe(`${'x'.repeat(198)}…`);
    expect(foreignText(`a\ud83d b`)).toBe('a b');
  });

  it('keeps words of any language', () => {
    expect(foreignText('größer 画像 صورة 😀')).toBe('größer 画像 صورة 😀');
  });
});
