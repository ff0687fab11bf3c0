import { setTimeout as sleep } from 'node:timers/promises';

import { Batcher } from './batcher.ts';
import type { BudgetReading } from './budget.ts';
import { StoreUnavailableError } from './errors.ts';
import { mergeReadings } from './merge-readings.ts';
import { type Pace, togetherMs } from './pace.ts';
import type { Release } from './queue.ts';
import { requireRelease, requireSettle } from './recordable.ts';
import type { Settlement, SettleRequest, Store } from './store.ts';

/** What {@link Outbox} needs to know. */
export interface OutboxOptions {
  readonly store: Store;
  /** At which outcomes come. */
  readonly pace: Pace;
  /** Is told of each time that the store could not be reached. */
  readonly onError: (error: unknown) => void;
}

const mostPerCall = 64;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/**
 * Takes what workers have to tell the store and sends it until the store has it: many outcomes share a call, and a
 * store that is away is asked again, which is safe because every step is known by its token.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #settles: Batcher<SettleRequest, Settlement>;
  readonly #releases: Batcher<Release, undefined>;
  readonly #abandoned = new AbortController();
  #readings: BudgetReading[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { store, pace } = options;
    this.#settles = new Batcher(
      (requests) => this.#withReadings((readings) => store.settle(requests, readings)),
      mostPerCall,
      () => (pace.within(togetherMs) > 1 ? togetherMs : 0),
    );
    this.#releases = new Batcher(async (releases) => {
      await this.#withReadings((readings) => store.queue.release(releases, readings));
      return releases.map(() => undefined);
    }, mostPerCall);
  }

  /** One that can not be recorded is refused by itself, so that it takes none of those with it that would go along. */
  async settle(request: SettleRequest, readings: readonly BudgetReading[]): Promise<Settlement> {
    this.#readings.push(...readings);
    requireSettle(request);
    return await this.#settles.add(request);
  }

  async release(release: Release, readings: readonly BudgetReading[]): Promise<void> {
    this.#readings.push(...readings);
    requireRelease(release);
    await this.#releases.add(release);
  }

  /** Gives up on a store that is away: whatever is not yet told rejects, and its leases will run out. */
  abandon(): void {
    this.#abandoned.abort(new StoreUnavailableError('the store was away until the worker had to stop'));
  }

  async #withReadings<Answer>(
    step: (readings: readonly BudgetReading[]) => Promise<Answer>,
  ): Promise<Answer> {
    const readings = mergeReadings(this.#readings);
    this.#readings = [];
    return this.#untilTaken(() => step(readings));
  }

  async #untilTaken<Answer>(step: () => Promise<Answer>): Promise<Answer> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        this.#options.onError(error);
        await this.#pause(pauseMs);
      }
    }
  }

  async #pause(pauseMs: number): Promise<void> {
    const { signal } = this.#abandoned;
    await sleep(pauseMs, undefined, { signal }).catch(() => Promise.reject(signal.reason));
  }
}
