import { randomUUID } from 'node:crypto';

import {
  type BudgetReading,
  type BudgetScope,
  type Claimed,
  type ClaimOptions,
  type EndedUpload,
  encodeJson,
  type FailureCode,
  type Lease,
  type LostReason,
  type Queue,
  type Release,
  requireClaim,
  requireExtend,
  requireRelease,
} from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeEnd, decodeInfo, type JobAnswer } from './decode-job.ts';
import { decodeRun, type RunAnswer } from './decode-run.ts';
import { inParts, LEASES_A_STEP } from './in-parts.ts';
import type { ResolvedOptions } from './options.ts';
import { readableReadings } from './readable-readings.ts';
import type { RedisBudget } from './redis-budget.ts';
import type { WakeUps } from './wake-ups.ts';

type EndedAnswer = readonly [
  jobId: string,
  index: number,
  url: string,
  attempt: number,
  code: FailureCode,
  message: string,
  job: JobAnswer | null,
];
type PassedOver = readonly [jobId: string, why: string];
type ClaimAnswer = readonly [
  runs: readonly RunAnswer[],
  nextInMs: number,
  ended: readonly EndedAnswer[],
  passedOver: readonly PassedOver[],
  jobs: readonly (readonly [jobId: string, info: string])[],
];

/** A numbered line of requests, one under way at a time: a claim that was not answered is asked for again. */
interface Slot {
  readonly name: string;
  number: number;
}

/** So many jobs are remembered as told of, so that a store on which much is broken takes no memory here. */
const MOST_TOLD = 1_000;

/** What a lease is to the steps. */
export function leaseRequest({ jobId, index, token }: Lease): { job: string; index: number; token: number } {
  return { job: jobId, index, token };
}

/** Who may work on what. */
export class RedisQueue implements Queue {
  readonly #connection: Connection;
  readonly #options: ResolvedOptions;
  readonly #budget: RedisBudget;
  readonly #wakeUps: WakeUps;
  readonly #instance: string = randomUUID();
  readonly #freeSlots = new Map<string, Slot[]>();
  readonly #told = new Set<string>();
  #slots = 0;

  constructor(connection: Connection, options: ResolvedOptions, budget: RedisBudget, wakeUps: WakeUps) {
    this.#connection = connection;
    this.#options = options;
    this.#budget = budget;
    this.#wakeUps = wakeUps;
  }

  async claim(claim: ClaimOptions): Promise<Claimed> {
    requireClaim(claim);
    const { host, limit, leaseMs, workerId, shortestTurn = 1, budget = [] } = claim;
    const { retentionMs, maxEvents } = this.#options;
    const owner = JSON.stringify([host, workerId]);
    const slot = this.#freeSlots.get(owner)?.pop() ?? this.#newSlot();
    const scope = encodeJson(budget);
    // One that is never idle has to hear of a block too, and never waits.
    this.#wakeUps.listen();
    try {
      const times = [retentionMs, maxEvents, shortestTurn];
      const args = [host, limit, leaseMs, scope, slot.name, slot.number, ...times];
      const answer = (await this.#connection.run('claim', args)) as ClaimAnswer;
      slot.number += 1;
      for (const each of answer[3]) this.#tellOnce(each);
      return describeClaim(answer);
    } finally {
      this.#freeSlots.set(owner, [...(this.#freeSlots.get(owner) ?? []), slot]);
    }
  }

  async extend(
    leases: readonly Lease[],
    leaseMs: number,
  ): Promise<readonly { readonly lease: Lease; readonly reason: LostReason }[]> {
    if (leases.length === 0) return [];
    requireExtend(leases, leaseMs);
    const answers: string[] = [];
    for (const part of inParts(leases, LEASES_A_STEP)) {
      const places = part.flatMap(({ jobId, index, token }) => [jobId, index, token]);
      answers.push(...((await this.#connection.run('extend', [leaseMs, ...places])) as readonly string[]));
    }
    return leases.flatMap((lease, place) => {
      const answer = answers[place];
      return answer === 'held' ? [] : [{ lease, reason: answer as LostReason }];
    });
  }

  async release(releases: readonly Release[], told: readonly BudgetReading[] = []): Promise<void> {
    for (const release of releases) requireRelease(release);
    const observed = readableReadings(told, this.#options.logger);
    if (observed.length > 0) this.#budget.forget();
    const requests = releases.map(({ lease, ...facts }) => ({ ...leaseRequest(lease), ...facts }));
    const parts = inParts(requests, LEASES_A_STEP);
    for (const [at, part] of parts.entries()) {
      const readings = at === parts.length - 1 ? observed : [];
      const args = [encodeJson(part), encodeJson(readings), this.#options.maxEvents];
      await this.#connection.run('release', args);
    }
    if (observed.length > 0) this.#budget.forget();
  }

  async wait(options: {
    readonly host: string;
    readonly budget?: BudgetScope;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<void> {
    const { host, budget = [], timeoutMs, signal } = options;
    const look = async (): Promise<number | undefined> => {
      const inMs = (await this.#connection.run('look', [host, encodeJson(budget)])) as number;
      return inMs < 0 ? undefined : inMs;
    };
    await this.#wakeUps.wait(host, timeoutMs, signal, look);
  }

  /** A claim passes over what it can not read, and would say so every minute. */
  #tellOnce([jobId, why]: PassedOver): void {
    if (this.#told.has(jobId)) return;
    if (this.#told.size >= MOST_TOLD) this.#told.clear();
    this.#told.add(jobId);
    if (jobId === '')
      this.#options.logger.error({ why }, 'what is over can not be forgotten: a key is broken');
    else this.#options.logger.error({ jobId, why }, 'a job is passed over until its key is repaired');
  }

  #newSlot(): Slot {
    this.#slots += 1;
    return { name: `${this.#instance}:${this.#slots}`, number: 1 };
  }
}

function describeClaim([runs, nextInMs, ended, _, answered]: ClaimAnswer): Claimed {
  const jobs = answered.map(([jobId, info]) => ({ jobId, ...decodeInfo(info) }));
  return {
    leases: runs.flatMap((run) => decodeRun(run, jobs)),
    nextInMs: nextInMs < 0 ? undefined : nextInMs,
    ended: ended.map(describeEnded),
  };
}

function describeEnded([jobId, index, url, attempt, code, message, job]: EndedAnswer): EndedUpload {
  return { jobId, index, url, attempt, failure: { code, message }, ...decodeEnd(job) };
}
