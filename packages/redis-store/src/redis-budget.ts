import { randomUUID } from 'node:crypto';

import {
  type BucketState,
  type Budget,
  type BudgetReading,
  type BudgetScope,
  type BudgetState,
  encodeJson,
  type Lease,
  type PauseReason,
} from '@imgferry/core';
import type { Connection } from './connection.ts';
import type { ResolvedOptions } from './options.ts';
import { readableReadings } from './readable-readings.ts';

type BucketAnswer = readonly [
  bucket: string,
  remaining: number,
  limit: number,
  resetInMs: number,
  reason: string,
  inFlight: number,
  resetsAt: number,
];
type BudgetAnswer = readonly [forMs: number, reason: string, buckets: readonly BucketAnswer[]];

interface Copy {
  readonly readAt: number;
  readonly state: Promise<BudgetState>;
  /** Known once it was read, and said that nothing is paused. */
  isOpen: boolean;
}

/** What the host still allows, as far as replies to anyone have told. */
export class RedisBudget implements Budget {
  readonly #connection: Connection;
  readonly #options: ResolvedOptions;
  /** What was read last of each scope: it is asked for before every POST. */
  readonly #copies = new Map<string, Copy>();

  constructor(connection: Connection, options: ResolvedOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  read(scope: BudgetScope, { maxAgeMs = 0 }: { readonly maxAgeMs?: number } = {}): Promise<BudgetState> {
    const name = encodeJson(scope);
    const known = this.#copies.get(name);
    if (known !== undefined && performance.now() - known.readAt < maxAgeMs) return known.state;
    const copy: Copy = { readAt: performance.now(), state: this.#read(name), isOpen: false };
    this.#copies.set(name, copy);
    copy.state.then(
      ({ paused }) => {
        copy.isOpen = paused === undefined;
      },
      () => this.forget(),
    );
    return copy.state;
  }

  async list(): Promise<readonly BucketState[]> {
    const [, , answers] = (await this.#connection.run('budget', [''])) as BudgetAnswer;
    return answers.map(describeBucket).sort((a, b) => (a.bucket < b.bucket ? -1 : 1));
  }

  async observe(reading: BudgetReading): Promise<void> {
    const readings = readableReadings([reading], this.#options.logger);
    if (readings.length === 0) return;
    this.forget();
    await this.#connection.run('observe', [encodeJson(readings), this.#options.maxEvents]);
    this.forget();
  }

  async charge({ jobId, index, token }: Lease): Promise<boolean> {
    this.forget();
    return (await this.#connection.run('charge', [jobId, index, token, randomUUID()])) === 1;
  }

  /** Replies have told of limits. As long as there is something left, and was before, nobody has to ask anew. */
  told(readings: readonly BudgetReading[]): void {
    const isNews =
      readings.some(({ buckets }) => buckets.some(({ remaining }) => remaining <= 0)) ||
      [...this.#copies.values()].some(({ isOpen }) => !isOpen);
    if (readings.length > 0 && isNews) this.forget();
  }

  /** Somebody has changed something: what was read last is no longer true. */
  forget(): void {
    this.#copies.clear();
  }

  async #read(scope: string): Promise<BudgetState> {
    const answer = (await this.#connection.run('budget', [scope])) as BudgetAnswer;
    const [forMs, reason, answers] = answer;
    const buckets = answers.map(describeBucket);
    const left = buckets.map(({ remaining, inFlight }) => Math.max(0, remaining - inFlight));
    return {
      allowed: left.length === 0 ? undefined : Math.min(...left),
      paused: forMs > 0 ? { forMs, reason: reason as PauseReason } : undefined,
      buckets,
    };
  }
}

function describeBucket(answer: BucketAnswer): BucketState {
  const [bucket, remaining, limit, resetInMs, reason, inFlight, resetsAt] = answer;
  return {
    bucket,
    remaining,
    resetInMs,
    resetsAt,
    inFlight,
    ...(limit < 0 ? {} : { limit }),
    ...(reason === '' ? {} : { reason: reason as PauseReason }),
  };
}
