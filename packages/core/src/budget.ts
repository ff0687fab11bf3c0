import type { Lease } from './lease.ts';

/**
 * The names of the host's limits that an upload draws from: its rate-limit buckets, and one for being blocked.
 * A name says whom the host counts (an application, an account, an address), for example
 * `imgur:client:9f3c2a10` or `imgur:post:default`; it never contains a secret. A host without limits names none.
 */
export type BudgetScope = readonly string[];

/** What one reply of the host told about one bucket. */
export interface BucketReading {
  readonly bucket: string;
  /** How many more uploads it allows: in uploads, whatever the host counts in. */
  readonly remaining: number;
  /** How many it allows in a full window, in uploads. */
  readonly limit?: number;
  /** When it is full again, in milliseconds from now. */
  readonly resetInMs: number;
  /** Why it is empty, when that is not just use: shown to people and in `host:paused`. */
  readonly reason?: PauseReason;
}

/** What one reply of the host told about its limits. A bucket of the scope that it does not mention stays as it was. */
export interface BudgetReading {
  readonly scope: BudgetScope;
  readonly buckets: readonly BucketReading[];
}

/** Why a host is given no more uploads for now. */
export type PauseReason =
  | 'exhausted'
  | 'rate-limited'
  | 'overloaded'
  | 'unavailable'
  | 'credentials'
  | 'blocked';

/** A pause of a host holds, and is told, no later than this after it began, also where nobody says so. */
export const pauseHeardOfMs = 1_000;

/** A bucket as it is known now, and how many POSTs that draw from it are under way. */
export interface BucketState extends BucketReading {
  /**
   * When it is full again, in milliseconds since 1970 by the store's clock: the moment of `resetInMs`, and the same in
   * every look until somebody tells of another.
   */
  readonly resetsAt: number;
  readonly inFlight: number;
}

/** What the host still allows, as far as anyone has learned. */
export interface BudgetState {
  /** How many more uploads may be claimed now: the tightest bucket, less what is in flight. `undefined`: no limit is known. */
  readonly allowed: number | undefined;
  /**
   * While the host itself allows nothing: for how long, at most, and why. Not set while the last of it is merely in
   * flight, or those who hold it would wait for one another.
   */
  readonly paused: { readonly forMs: number; readonly reason: PauseReason } | undefined;
  /** What is known of each bucket; one that was never read, or whose window has ended, is left out. */
  readonly buckets: readonly BucketState[];
}

/**
 * What the host still allows, shared by everyone who uses the store.
 *
 * - A bucket is *unknown* until a reply tells of it, and again when its window has ended.
 * - While any bucket of a scope is unknown, `claim` lets one upload go first as a probe. With every two seconds in
 *   which nobody told anything twice as many more go, 16 at a time at most, so that slow sources do not hold up the
 *   rest. A probe that came back without an answer makes way for the next. Once nothing is in flight and two seconds
 *   more have passed, one goes first again.
 * - A reading makes its buckets known. Within a window `remaining` only falls. A bucket of the scope that was unknown
 *   and is not mentioned counts as without a limit from then on.
 * - A claim takes one from every bucket of its scope. Settling or releasing gives it back, then charges what was
 *   really sent (`posts`). A lease that expired is charged all that it took, because its holder can not be
 *   asked.
 * - What is told and what is charged are counted apart, and `remaining` is the smaller: the least that a reply of the
 *   window told, and what its first reply told, less all that was charged since. So no POST counts twice because its
 *   reply was overtaken, and none is forgotten because its reply was lost. The latter falls to what a reply tells and
 *   what is in flight, where that is less: somebody else has taken the rest.
 */
export interface Budget {
  /**
   * What a scope allows now. Before each POST it is asked whether there is a pause, for which an older answer will do: one
   * within `maxAgeMs`, in milliseconds, after which no pause was heard to begin or end.
   */
  read(scope: BudgetScope, options?: { readonly maxAgeMs?: number }): Promise<BudgetState>;

  /**
   * Every bucket that is known now, of whatever scope, by name; one whose window has ended is left out. For people: a
   * look, not a promise.
   */
  list(): Promise<readonly BucketState[]>;

  /**
   * Records a reading at once, for what can not wait for a settle: a 429, a block. A reading, here or with a settle or
   * release, wakes those who wait for the queue when uploads may be claimed that could not before, or a pause begins or
   * ends: a host tells its limits with every reply. One that has no number where one belongs is dropped.
   */
  observe(reading: BudgetReading): Promise<void>;

  /**
   * Takes one more POST for a lease, for a further try inside its attempt; the first is part of the claim.
   * `false` when nothing is left: the upload goes back to the queue.
   */
  charge(lease: Lease): Promise<boolean>;
}
