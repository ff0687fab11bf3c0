import assert from 'node:assert/strict';

import { assertProblem, jsonOf } from './answers.ts';
import { gone } from './scene.ts';
import type { Stage } from './stage.ts';

/** Whether the process and its store are well. */
export function testHealth({ describe, rule, at }: Stage): void {
  describe('health', () => {
    rule('says alive, and ready', async ({ fetch }) => {
      assert.deepEqual(await jsonOf(await fetch(at('/healthz'))), { status: 'alive' });
      assert.deepEqual(await jsonOf(await fetch(at('/readyz'))), { status: 'ready' });
    });

    rule(
      'says alive and not ready while the store is away',
      async ({ fetch }) => {
        assert.equal((await fetch(at('/healthz'))).status, 200);
        await assertProblem(await fetch(at('/readyz')), 503);
      },
      { store: () => ({ list: gone }) },
    );
  });
}
