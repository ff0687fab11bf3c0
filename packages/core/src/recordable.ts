import type { BucketReading, BudgetReading } from './budget.ts';
import { InvalidOptionError } from './errors.ts';
import type { Failure } from './failure.ts';
import type { ImageMark, Outcome } from './job.ts';
import type { Lease } from './lease.ts';
import type { ClaimOptions, Release } from './queue.ts';
import type { SettleRequest } from './store.ts';
import type { LeaseProgress } from './upload-progress.ts';

// What an extension of somebody else's hands in may have any shape at run time. A number that is none becomes null on
// its way to a store, and a text that is none is missing there: half of a step would be taken. So stores, and whoever
// puts requests of many together, refuse such a request before anything of it is recorded.

/** Refuses an outcome that can not be recorded. @throws InvalidOptionError */
export function requireSettle({ lease, outcome, posts }: SettleRequest): void {
  requireLease(lease);
  requireCount('posts', posts);
  requireOutcome(outcome);
}

/** Refuses a release that can not be recorded. @throws InvalidOptionError */
export function requireRelease({ lease, delayMs, posts, failure }: Release): void {
  requireLease(lease);
  requireNumber('delayMs', delayMs);
  requireCount('posts', posts);
  if (failure !== undefined) requireFailure('failure', failure);
}

/** Refuses a claim that can not be carried out. @throws InvalidOptionError */
export function requireClaim({ host, limit, leaseMs, shortestTurn = 1, budget = [] }: ClaimOptions): void {
  requireText('host', host);
  requireCount('limit', limit);
  requireCount('shortestTurn', shortestTurn);
  requireNumber('leaseMs', leaseMs);
  for (const name of budget) requireText('budget', name);
}

/** Refuses leases that can not be held for so long. @throws InvalidOptionError */
export function requireExtend(leases: readonly Lease[], leaseMs: number): void {
  for (const lease of leases) requireLease(lease);
  requireNumber('leaseMs', leaseMs);
}

/** Refuses progress that is none. @throws InvalidOptionError */
export function requireProgress({ lease, sentBytes, totalBytes }: LeaseProgress): void {
  requireLease(lease);
  requireCount('sentBytes', sentBytes);
  requireCount('totalBytes', totalBytes);
}

/** Whether a reading can be taken over: what it says of a bucket without a number tells nothing. */
export function isReading(reading: unknown): reading is BudgetReading {
  const { scope, buckets } = Object(reading) as Partial<BudgetReading>;
  return Array.isArray(scope) && scope.every(isText) && Array.isArray(buckets) && buckets.every(isOfBucket);
}

function isOfBucket(bucket: unknown): boolean {
  const { bucket: name, remaining, limit, resetInMs, reason } = Object(bucket) as Partial<BucketReading>;
  return (
    isText(name) &&
    Number.isFinite(remaining) &&
    Number.isFinite(resetInMs) &&
    (limit === undefined || Number.isFinite(limit)) &&
    (reason === undefined || isText(reason))
  );
}

function requireOutcome(outcome: Outcome): void {
  const { bytes, type, width, height } = outcome;
  if (outcome.status === 'complete') {
    requireText('outcome.link', outcome.link);
    requireCount('outcome.bytes', outcome.bytes);
    requireText('outcome.type', outcome.type);
    if (outcome.deleteHash !== undefined) requireText('outcome.deleteHash', outcome.deleteHash);
    if (outcome.remember !== undefined) requireMark(outcome.remember);
  } else if (outcome.status === 'failed') requireFailure('outcome.failure', outcome.failure);
  else throw new InvalidOptionError('outcome.status', 'must be complete or failed');
  if (bytes !== undefined) requireCount('outcome.bytes', bytes);
  if (width !== undefined) requireCount('outcome.width', width);
  if (height !== undefined) requireCount('outcome.height', height);
  if (type !== undefined) requireText('outcome.type', type);
}

function requireMark(mark: ImageMark): void {
  const { digest, ttlMs } = Object(mark) as Partial<ImageMark>;
  requireText('outcome.remember.digest', digest);
  requireCount('outcome.remember.ttlMs', ttlMs);
  if (ttlMs === 0) throw new InvalidOptionError('outcome.remember.ttlMs', 'is 0; it must be at least 1');
}

function requireFailure(what: string, failure: Failure): void {
  const { code, message } = Object(failure) as Partial<Failure>;
  requireText(`${what}.code`, code);
  requireText(`${what}.message`, message);
}

function requireLease({ jobId, index, token }: Lease): void {
  requireText('lease.jobId', jobId);
  requireCount('lease.index', index);
  requireCount('lease.token', token);
}

function requireText(what: string, value: unknown): void {
  if (!isText(value)) throw new InvalidOptionError(what, `is ${typeof value}; it must be a text`);
}

function requireCount(what: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0)
    throw new InvalidOptionError(what, `is ${String(value)}; it must be a whole number from 0`);
}

function requireNumber(what: string, value: unknown): void {
  if (!Number.isFinite(value)) throw new InvalidOptionError(what, `is ${String(value)}; it must be a number`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
