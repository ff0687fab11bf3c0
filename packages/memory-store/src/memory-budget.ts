import {
  type BucketState,
  type Budget,
  type BudgetReading,
  type BudgetScope,
  type BudgetState,
  isReading,
  type Lease,
} from '@imgferry/core';
import { Bucket } from './bucket.ts';
import type { EventLog } from './event-log.ts';

/** What one claimed upload has taken from the budget. */
export interface Reservation {
  readonly token: number;
  readonly scope: BudgetScope;
  /** How many POSTs it may send: one, and one for each further try. */
  taken: number;
}

/** What a scope lets a claim do. */
export interface Allowance {
  /** How many uploads may be claimed; `Infinity` when no limit is known. */
  readonly count: number;
  /** When more may be claimed, if nothing comes back before. */
  readonly freeAt: number;
}

/** What those who wait want to know of a bucket, in whatever scope they do. */
interface Outlook {
  readonly isOpen: boolean;
  readonly isPaused: boolean;
}

/** What the host still allows, as far as replies have told. */
export class MemoryBudget implements Budget {
  readonly #buckets = new Map<string, Bucket>();
  /** By scope: the host that it was last used for, and whether that host was told to be paused because of it. */
  readonly #hosts = new Map<string, { readonly host: string; paused: boolean }>();
  readonly #now: () => number;
  readonly #events: EventLog;
  readonly #reservationOf: (lease: Lease) => Reservation | undefined;
  readonly #onObserved: (isNews: boolean) => void;

  constructor(
    now: () => number,
    events: EventLog,
    reservationOf: (lease: Lease) => Reservation | undefined,
    onObserved: (isNews: boolean) => void,
  ) {
    this.#now = now;
    this.#events = events;
    this.#reservationOf = reservationOf;
    this.#onObserved = onObserved;
  }

  async read(scope: BudgetScope): Promise<BudgetState> {
    const now = this.#now();
    const buckets = scope
      .map((name) => this.#buckets.get(name)?.describe(now))
      .filter((bucket) => bucket !== undefined);
    const left = buckets.map(({ remaining, inFlight }) => Math.max(0, remaining - inFlight));
    return {
      allowed: left.length === 0 ? undefined : Math.min(...left),
      paused: this.#pause(scope, now),
      buckets,
    };
  }

  async list(): Promise<readonly BucketState[]> {
    const now = this.#now();
    return [...this.#buckets.values()]
      .map((bucket) => bucket.describe(now))
      .filter((bucket) => bucket !== undefined)
      .sort((a, b) => (a.bucket < b.bucket ? -1 : 1));
  }

  async observe(reading: BudgetReading): Promise<void> {
    this.#onObserved(this.apply([reading]));
  }

  async charge(lease: Lease): Promise<boolean> {
    const now = this.#now();
    const reservation = this.#reservationOf(lease);
    if (reservation === undefined) return false;
    const buckets = reservation.scope.map((name) => this.#bucket(name));
    // An unknown bucket allows it: what is asked of it is the first reply, and this upload is on its way to it.
    if (buckets.some((bucket) => !bucket.isUnknown(now) && bucket.allowed(now) < 1)) return false;
    for (const bucket of buckets) bucket.inFlight += 1;
    reservation.taken += 1;
    return true;
  }

  /** What a claim of this host may take, in the tightest bucket of the scope. */
  allowance(host: string, scope: BudgetScope, now: number): Allowance {
    this.#rememberHost(host, scope);
    this.#tellPause(scope, now);
    return this.look(scope, now);
  }

  /** The same, for those who only wait. */
  look(scope: BudgetScope, now: number): Allowance {
    const buckets = scope.map((name) => this.#buckets.get(name) ?? new Bucket(name));
    return {
      count: Math.min(Number.POSITIVE_INFINITY, ...buckets.map((bucket) => bucket.allowed(now))),
      freeAt: Math.max(now, ...buckets.map((bucket) => bucket.freeAt(now))),
    };
  }

  /** Takes one from every bucket of a claim's scope. */
  take(token: number, scope: BudgetScope, now: number): Reservation {
    for (const name of scope) this.#bucket(name).take(token, now);
    return { token, scope, taken: 1 };
  }

  /** Gives back what a claim took, and charges what was really sent. */
  giveBack({ token, scope, taken }: Reservation, posts: number): void {
    for (const name of scope) {
      const bucket = this.#bucket(name);
      const now = this.#now();
      bucket.giveBack(token, taken, posts, now);
      if (bucket.isBlank(now)) this.#buckets.delete(name);
    }
  }

  /**
   * Takes over what replies told, after what was sent for them has been charged: they have counted it already. True
   * when those who wait have to hear of it: more than nothing may be claimed from now on, or a pause began or ended.
   */
  apply(observed: readonly BudgetReading[]): boolean {
    const now = this.#now();
    const readings = observed.filter(isReading);
    const before = this.#outlooks(readings, now);
    for (const reading of readings) {
      const told = new Set(reading.buckets.map(({ bucket }) => bucket));
      for (const each of reading.buckets) this.#bucket(each.bucket).read(each, now);
      for (const name of reading.scope) if (!told.has(name)) this.#bucket(name).passedOver(now);
      this.#tellPause(reading.scope, now);
    }
    return [...this.#outlooks(readings, now)].some(([name, after]) => isNews(before.get(name), after));
  }

  #outlooks(readings: readonly BudgetReading[], now: number): ReadonlyMap<string, Outlook> {
    const names = readings.flatMap(({ scope, buckets }) => [
      ...scope,
      ...buckets.map(({ bucket }) => bucket),
    ]);
    return new Map(
      names.map((name) => {
        const isPaused = this.#pause([name], now) !== undefined;
        return [name, { isOpen: this.look([name], now).count > 0, isPaused }];
      }),
    );
  }

  /** Tells `host:paused` and `host:resumed` once each, when the first call after the change notices it. */
  #tellPause(scope: BudgetScope, now: number): void {
    const known = this.#hosts.get(scope.join('\n'));
    const pause = this.#pause(scope, now);
    if (known === undefined || known.paused === (pause !== undefined)) return;
    known.paused = pause !== undefined;
    this.#events.append(
      pause === undefined
        ? { type: 'host:resumed', host: known.host }
        : { type: 'host:paused', host: known.host, ...pause },
    );
  }

  #rememberHost(host: string, scope: BudgetScope): void {
    const key = scope.join('\n');
    if (scope.length > 0 && this.#hosts.get(key)?.host !== host)
      this.#hosts.set(key, { host, paused: false });
  }

  /** The pause that lasts longest, because all buckets of a scope have to allow an upload. */
  #pause(scope: BudgetScope, now: number): BudgetState['paused'] {
    let longest: BudgetState['paused'];
    for (const name of scope) {
      const pause = this.#buckets.get(name)?.pause(now);
      if (pause !== undefined && pause.forMs > (longest?.forMs ?? 0)) longest = pause;
    }
    return longest;
  }

  #bucket(name: string): Bucket {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const bucket = new Bucket(name);
    this.#buckets.set(name, bucket);
    return bucket;
  }
}

function isNews(before: Outlook | undefined, after: Outlook): boolean {
  return (after.isOpen && !before?.isOpen) || after.isPaused !== before?.isPaused;
}
