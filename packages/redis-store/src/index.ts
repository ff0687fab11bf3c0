/**
 * Keeps jobs and their queue in Redis, for a fleet of workers on many machines.
 * @module @imgferry/redis-store
 */
export { type CheckInvariantsOptions, checkInvariants, type InvariantReport } from './check-invariants.ts';
export type { RedisStoreOptions } from './options.ts';
export { RedisSetupError } from './redis-error.ts';
export { RedisStore } from './redis-store.ts';
