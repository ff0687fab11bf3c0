import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';
import { HOST } from './scenario.ts';
import { endsWithin } from './within.ts';

/** The end of a store. */
export const close: Area = {
  name: 'close',
  rules: [
    rule('closing twice is closing once', async (scenario) => {
      scenario.isClosed = true;
      await scenario.store.close();
      await scenario.store.close();
    }),
    rule('closing ends waits', async (scenario) => {
      scenario.isClosed = true;
      const { signal } = new AbortController();
      const waiting = scenario.store.queue
        .wait({ host: HOST, timeoutMs: 60_000, signal })
        .catch(() => undefined);
      await scenario.store.close();
      assert.ok(await endsWithin(waiting));
    }),
    rule('closing ends event streams, without throwing', async (scenario) => {
      scenario.isClosed = true;
      const reading = scenario.read(scenario.store.events({ signal: new AbortController().signal }), 2);
      await scenario.create();
      await scenario.store.close();
      assert.ok(await endsWithin(reading));
    }),
  ],
};
