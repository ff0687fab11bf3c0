import { describe, expect, it } from 'vitest';

import { foreignText, hostNamePattern, silentLogger, Uploader } from '../src/index.ts';
import { createFakeHost, createFakeSource, ScriptedStore } from '../src/testing/index.ts';

const fact =
  'must be a text of 1 to 100 characters that are seen, with no spaces but single ones between them, and neither . nor ..';
const impossible = [
  '',
  'x'.repeat(101),
  'a\nb',
  'a\u0000',
  '\u007f',
  'a\u0085b',
  'a\u202eb',
  'a\u200bb',
  '\ufeff',
  ' ',
  ' a',
  'a ',
  'a  b',
  'a\u00a0b',
  'a\u2028b',
  '\u3164',
  '\u2800',
  'imgur\ufe0f',
  '\u{e0100}',
  'a\ud800b',
  '\udc00',
  '.',
  '..',
  7,
  undefined,
] as string[];
const possible = ['i', 'imgur', '...', '.a', 'a.', 'x'.repeat(100), 'a host: 東京/1', '🐈'];

function uploaderFor(name: string) {
  const store = new ScriptedStore({
    pause: async () => ({ changed: false }),
    resume: async () => ({ changed: false }),
  });
  const host = Object.assign(createFakeHost(), { name });
  return { store, uploader: new Uploader({ store, source: createFakeSource(), host, logger: silentLogger }) };
}

describe('the name of a host', () => {
  it.each(impossible)('can not be %j, for an uploader or for a pause', async (name) => {
    expect(() => uploaderFor(name)).toThrow(`host.name ${fact}`);
    const { store, uploader } = uploaderFor('imgur');
    await expect(uploader.pause({ host: name })).rejects.toThrow(`host ${fact}`);
    await expect(uploader.resume({ host: name })).rejects.toThrow(`host ${fact}`);
    expect(store.calls).toEqual([]);
  });

  it.each(possible)('can be %j', async (name) => {
    const { uploader } = uploaderFor(name);
    expect(await uploader.pause({ host: name })).toBe(true);
    expect(await uploader.resume({ host: name })).toBe(true);
  });

  it('has no character that controls or that nobody sees, no white space but the space, and may have any other, which is told as it is', () => {
    const wrong: string[] = [];
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const name = `a${String.fromCodePoint(code)}b`;
      const isSeen = !/(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{DI}\u2800\u{1d159}]/u.test(name);
      if (hostNamePattern.test(name) !== isSeen || (isSeen && foreignText(name) !== name))
        wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });
});
