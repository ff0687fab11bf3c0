import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { testStore } from '@imgferry/core/conformance';
import { MemoryStore } from '../src/index.ts';

it('the suite runs under node:test as it does under vitest', () => {
  const fixture = fileURLToPath(new URL('./node-test-conformance.fixture.ts', import.meta.url));
  const args = ['--conditions=@imgferry/source', '--test', '--test-reporter=tap', fixture];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stdout).toContain(`# pass ${countRules()}\n`);
  expect(stdout).toContain('# fail 0\n');
  expect(status).toBe(0);
}, 30_000);

function countRules(): number {
  let rules = 0;
  testStore({
    describe: (_name, body) => body(),
    it: () => {
      rules += 1;
    },
    createStore: (options) => new MemoryStore(options),
    elapse: () => {},
  });
  return rules;
}
