import type { BucketReading, BudgetReading } from './budget.ts';

/**
 * What many replies have told, in few readings: the least that was left of each bucket, which is what a store would keep
 * of them one by one. Replies come in any order.
 */
export function mergeReadings(readings: readonly BudgetReading[]): readonly BudgetReading[] {
  const merged: BudgetReading[] = [];
  for (const reading of readings) {
    const at = merged.findIndex((known) => isAlike(known, reading));
    const known = merged[at];
    if (known === undefined) merged.push(reading);
    else merged[at] = lower(known, reading);
  }
  return merged;
}

/** A bucket of the scope that is not told of is one without a limit, so only readings of the same buckets go together. */
function isAlike(known: BudgetReading, told: BudgetReading): boolean {
  return (
    known.scope.length === told.scope.length &&
    known.buckets.length === told.buckets.length &&
    known.scope.every((name, at) => name === told.scope[at]) &&
    known.buckets.every(({ bucket }, at) => bucket === told.buckets[at]?.bucket)
  );
}

function lower(known: BudgetReading, told: BudgetReading): BudgetReading {
  const buckets = known.buckets.map((bucket, at) => lowerBucket(bucket, told.buckets[at] ?? bucket));
  return { scope: known.scope, buckets };
}

function lowerBucket(known: BucketReading, told: BucketReading): BucketReading {
  const isLower =
    told.remaining < known.remaining ||
    (told.remaining === known.remaining && told.resetInMs > known.resetInMs);
  return isLower ? told : known;
}
