import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { version } from '../src/version.ts';

it('the version that workers report is that of the manifest', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(version).toBe(manifest.version);
});
