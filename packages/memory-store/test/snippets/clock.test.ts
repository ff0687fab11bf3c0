import { expect, it } from 'vitest';

import { MemoryStore } from '../../src/index.ts';

const job = { id: 'job', urls: ['https://a.example/1.png'], host: 'host', options: {} };

it('a test moves the clock', async () => {
  const claim = { host: 'host', limit: 1, leaseMs: 15_000, workerId: 'worker' };
  // #region clock
  let now = Date.now();
  const store = new MemoryStore({ clock: () => now });
  await store.create(job);
  const [first] = (await store.queue.claim(claim)).leases;

  now += 15_000;
  const [second] = (await store.queue.claim(claim)).leases;
  // #endregion clock
  expect([first?.attempt, second?.attempt]).toEqual([1, 2]);
});
