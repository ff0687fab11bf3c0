import type { Store } from '@imgferry/core';

/** Works on what waits without a worker: so many uploads get a link, all at once unless told otherwise. */
export async function settle(
  store: Store,
  count: number,
  outcome: 'complete' | 'failed' = 'complete',
): Promise<void> {
  for (let left = count; left > 0; ) {
    const claimed = await store.queue.claim({
      host: 'fake',
      limit: Math.min(left, 1_000),
      leaseMs: 60_000,
      workerId: 'worker',
    });
    if (claimed.leases.length === 0) throw new Error(`${left} uploads are not there to settle`);
    left -= claimed.leases.length;
    await store.settle(
      claimed.leases.map((lease) => ({
        lease,
        outcome:
          outcome === 'complete'
            ? { status: 'complete', link: `https://img.example/${lease.index}`, bytes: 1, type: 'image/png' }
            : {
                status: 'failed',
                failure: { code: 'source_status', message: 'the source answered with 404' },
              },
        posts: 1,
      })),
    );
  }
}
