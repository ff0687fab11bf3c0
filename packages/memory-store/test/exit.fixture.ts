// Uses a store in every way that could hold a process, and leaves it open: process-exit.test.ts runs it.
import { MemoryStore } from '../src/index.ts';

const host = 'host';
const store = new MemoryStore();
await store.create({ id: 'job', urls: ['https://a.example'], host, options: {} });
const { leases } = await store.queue.claim({ host, limit: 1, leaseMs: 600_000, workerId: 'worker' });
await store.queue.wait({ host, timeoutMs: 20, signal: new AbortController().signal });
void store.events({ signal: new AbortController().signal })[Symbol.asyncIterator]().next();
await store.budget.observe({ scope: ['a'], buckets: [{ bucket: 'a', remaining: 0, resetInMs: 600_000 }] });
console.log(`holds ${leases.length}`);
