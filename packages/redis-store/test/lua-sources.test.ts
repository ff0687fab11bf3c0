import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { inlinedLua } from '../../../scripts/inline-lua.mjs';

it('the Lua that is built in is the Lua in lua/', () => {
  expect(readFileSync(new URL('../src/lua-sources.ts', import.meta.url), 'utf8')).toBe(inlinedLua());
});
