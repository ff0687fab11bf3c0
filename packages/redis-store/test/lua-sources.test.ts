import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { inlinedLua } from '../../../scripts/inline-lua.mjs';

it('the Lua that is built in is the Lua in lua/', () => {
  const builtIn = readFileSync(new URL('../src/lua-sources.ts', import.meta.url), 'utf8');
  // Not toBe: a difference would print all of it.
  expect(builtIn === inlinedLua()).toBe(true);
});
