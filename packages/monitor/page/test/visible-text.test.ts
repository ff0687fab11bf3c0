import { describe, expect, it } from 'vitest';

import { visibleText, webAddress } from '../visible-text.ts';

describe("a stranger's text", () => {
  it('stays as it is when all of it is seen', () => {
    const text = 'Bilder/кот 猫 👩‍🚀 é <img onerror> "&';
    expect(visibleText(text.replaceAll('\u200d', ''))).toBe(text.replaceAll('\u200d', ''));
  });

  it.each([
    ['https://a.example/\u202egnp.exe', 'https://a.example/⟨U+202E⟩gnp.exe'],
    ['a\u0000b\nc', 'a⟨U+0000⟩b⟨U+000A⟩c'],
    ['zero\u200bwidth\ufeff', 'zero⟨U+200B⟩width⟨U+FEFF⟩'],
    ['line\u2028end', 'line⟨U+2028⟩end'],
    ['half \ud83d', 'half ⟨U+D83D⟩'],
    ['tag \u{e0041}', 'tag ⟨U+E0041⟩'],
  ])('shows in %j what would not be seen', (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });
});

describe('an address', () => {
  it('can be followed when it is one of the web', () => {
    expect(webAddress('https://i.example/a b.png')).toBe('https://i.example/a%20b.png');
    expect(webAddress('HTTP://i.example')).toBe('http://i.example/');
  });

  it.each([
    'javascript:alert(1)',
    ' \u0001javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    'blob:https://i.example/1',
    'file:///etc/passwd',
    '//i.example',
    'i.example/a.png',
    'https://i.imgur.com@evil.example/a.png',
    'https://:word@evil.example/a.png',
    '',
  ])('%j is none to follow', (text) => {
    expect(webAddress(text)).toBeUndefined();
  });
});
