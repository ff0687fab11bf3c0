import fc from 'fast-check';

import type { BudgetReading, FailureCode, PauseTarget, WorkerCommand } from '@imgferry/core';

/** The host that jobs go to, and another one that nobody works for. */
export const HOSTS = ['host', 'another host'] as const;
export const SCOPE = ['minute', 'day'] as const;
/** Of images. */
export const DIGESTS = ['one', 'two'] as const;
export const WORKERS = ['v', 'w'] as const;
/**
 * Steps are so far apart. Of what is due in the same moment either may go first, so each delay ends between two ticks at
 * a place of its own.
 */
export const TICK_MS = 256;
export const LEASE_MS: number = 3 * TICK_MS;
const HOUR = Math.round(3_600_000 / TICK_MS);

/** A step that can be taken with any store. What it names by number is picked from what there is by then. */
export type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

/** A step that the stores take; the others are about time. */
export type StoreStep = Exclude<Step, { readonly do: 'elapse' }>;

const pick = fc.nat(1_000);
const picks = fc.array(pick, { minLength: 1, maxLength: 4 });
const job = fc.nat(5);
const posts = fc.constantFrom(0, 1, 1, 2);
const maybe = fc.boolean();
const maxWaiting = fc.constantFrom(undefined, undefined, 20);

const bucket = fc.record({
  bucket: fc.constantFrom(...SCOPE),
  remaining: fc.constantFrom(0, 1, 3, 10, 2.5),
  resetInMs: fc.constantFrom(1, 300, 1_000, 5_000, 255.5, 1_023.25),
  limit: fc.constantFrom(10, undefined),
  reason: fc.constantFrom('rate-limited' as const, 'credentials' as const, undefined),
});
const reading: fc.Arbitrary<BudgetReading> = fc
  .uniqueArray(bucket, { maxLength: 2, selector: (each) => each.bucket })
  .map((buckets) => ({ scope: [...SCOPE], buckets: buckets.map(withoutUndefined) }));
const readings = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  fc.array(reading, { minLength: 1, maxLength: 2 }),
);

const failure = fc
  .constantFrom<FailureCode>('source_timeout', 'source_tls')
  .map((code) => ({ code, message: 'no' }));
/** Hours, as Redis by itself forgets in its own time and not in that of the test. */
const mark = fc.record({
  digest: fc.constantFrom(...DIGESTS),
  ttlMs: fc.constantFrom(3_600_000, 3_600_500, 100 * 3_600_000),
});
const claim = fc.record({
  do: fc.constant('claim' as const),
  limit: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(17, 40)),
  worker: fc.nat(1),
  isLimited: maybe,
  leaseMs: fc.constantFrom(LEASE_MS, LEASE_MS, 2 * LEASE_MS),
});
const settle = fc.record({
  do: fc.constant('settle' as const),
  settles: fc.array(
    fc.record({
      pick,
      complete: fc.constantFrom(true, true, false),
      posts,
      possiblyDuplicated: maybe,
      reused: maybe,
      remember: fc.option(mark, { nil: undefined }),
      failure,
    }),
    { minLength: 1, maxLength: 4 },
  ),
  readings,
});
const release = fc.record({
  do: fc.constant('release' as const),
  releases: fc.array(
    fc.record({
      pick,
      delayMs: fc.constantFrom(0, 2 * TICK_MS, 8 * TICK_MS),
      countAttempt: maybe,
      posts,
      possiblyDuplicated: maybe,
      failure: fc.option(failure, { nil: undefined }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  readings,
});
const create = fc.record({
  do: fc.constant('create' as const),
  job,
  size: fc.constantFrom(1, 2, 3, 17, 40),
  host: fc.constantFrom(HOSTS[0], HOSTS[0], HOSTS[0], HOSTS[1]),
  key: fc.constantFrom(undefined, undefined, 'k', 'l'),
  mark: fc.constantFrom('m', 'n'),
  maxWaiting,
  tagged: maybe,
});
const pausable = fc.oneof(
  { weight: 3, arbitrary: job.map((each) => ({ job: each })) },
  { weight: 1, arbitrary: fc.constantFrom<PauseTarget>({ host: HOSTS[0] }, { host: HOSTS[1] }, 'queue') },
);
const command = fc.constantFrom<WorkerCommand>(
  { type: 'pause' },
  { type: 'resize', slots: 3 },
  { type: 'drain' },
);

const anyStep = fc.oneof(
  { weight: 8, arbitrary: claim },
  { weight: 6, arbitrary: settle },
  { weight: 4, arbitrary: release },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('resend' as const),
      what: fc.constantFrom('settle', 'release', 'create'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('extend' as const), picks }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('charge' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('observe' as const), reading }) },
  { weight: 2, arbitrary: create },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), job }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retry' as const), job, maxWaiting }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('retry some' as const),
      ...{ job, maxWaiting },
      numbers: fc.option(fc.subarray([0, 1, 2, 3, 4]), { nil: undefined }),
      codes: fc.option(fc.subarray<FailureCode>(['source_timeout', 'source_tls', 'cancelled', 'poison']), {
        nil: undefined,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('pause' as const, 'resume' as const, 'resume' as const),
      what: pausable,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('beat' as const),
      worker: fc.nat(1),
      everyMs: fc.constantFrom(200, 5_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('command' as const), worker: fc.nat(2), command }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('leave' as const), worker: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('elapse' as const),
      ticks: fc.constantFrom(1, 1, 3, 3, 6, 8),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('elapse' as const),
      ticks: fc.constantFrom(HOUR, 8 * 24 * HOUR),
    }),
  },
);

/** From the fewest steps that can mean something to many. */
export const anySteps: fc.Arbitrary<Step[]> = fc.array(anyStep, { minLength: 5, maxLength: 60 });

function withoutUndefined<Value extends object>(
  value: Value,
): { [Name in keyof Value]: Exclude<Value[Name], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
