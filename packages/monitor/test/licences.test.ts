import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { licences, script } from '../page/bundle.ts';

const licenceOf = (name: string): string =>
  readFileSync(new URL(`../node_modules/${name}/LICENSE`, import.meta.url), 'utf8').trim();

describe('the licences of others', () => {
  it('are those of every package that the page is made with, whole, and of no other', () => {
    expect(licences.match(/^[\w@/-]+(?= \d+\.\d+\.\d+$)/gm)).toEqual(['preact', 'uplot']);
    for (const name of ['preact', 'uplot']) expect(licences).toContain(licenceOf(name));
  });

  it('are named at the beginning of the script', () => {
    expect(script).toMatch(
      /^\/\*! With preact, .* uPlot, .* THIRD-PARTY-LICENSES of @imgferry\/monitor \*\/\n/,
    );
  });
});
