import assert from 'node:assert/strict';

import { assertProblem, viewOf } from './answers.ts';
import { unknownId, urls } from './scene.ts';
import type { Stage } from './stage.ts';

/** What changes a job that is there. */
export function testSteering({ describe, rule, uploadPath }: Stage): void {
  describe('cancel', () => {
    rule('answers the job as it is then, also the second time', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      const cancel = async () => viewOf(await fetch(`${uploadPath}/${jobId}`, { method: 'DELETE' }));
      const view = await cancel();
      assert.equal(view.status, 'complete');
      assert.deepEqual(view.uploaded, { pending: [], complete: [], failed: urls });
      assert.deepEqual(await cancel(), view);
    });

    rule('of a job that is unknown is 404', async ({ fetch }) => {
      await assertProblem(await fetch(`${uploadPath}/${unknownId}`, { method: 'DELETE' }), 404);
    });
  });
}
