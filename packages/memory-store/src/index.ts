/**
 * The embedded store: jobs and their queue in the memory of one process.
 * @module @imgferry/memory-store
 */
export { MemoryStore } from './memory-store.ts';
export type { MemoryStoreOptions } from './options.ts';
