import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

it('a process that leaves its store open ends by itself', () => {
  const fixture = fileURLToPath(new URL('./exit.fixture.ts', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, ['--conditions=@imgferry/source', fixture], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect([status, stdout]).toEqual([0, 'holds 1\n']);
}, 30_000);
