import type { BucketState, Stats, WorkerInfo } from '@imgferry/core';
import type { Look } from '../call.ts';
import { Problem, problemOf } from '../problem.ts';
import { quantileMs } from '../quantile.ts';
import type { Shown } from '../shown.ts';
import type { BucketView, MinuteView, Overview } from '../views/index.ts';
import { failureGroups } from './failures.ts';
import { oldestAt } from './moments.ts';
import { pausedView } from './paused.ts';

const minuteMs = 60_000;
const minutesShown = 60;

/** The state of everything at a glance. */
export async function readOverview({ readings, shown }: Look): Promise<Overview> {
  const [stats, workers, buckets, failures] = await Promise.all([
    readings.stats(),
    readings.workers(),
    readings.budget(),
    readings.recentFailures().catch(unreadable),
  ]);
  const { totals, queue } = stats;
  return {
    waiting: queue.waiting,
    running: queue.claimed,
    complete: totals.uploadsComplete,
    failed: totals.uploadsFailed,
    oldestAt: oldestAt(stats),
    liveJobs: queue.liveJobs,
    ...crew(workers),
    paused: pausedView(stats, shown),
    budget: buckets.map((bucket) => bucketView(bucket, shown)),
    minutes: minuteViews(stats),
    failures: failureGroups(failures, stats.outcomes, shown),
  };
}

/** What the store keeps of them may be broken, which no other reading sees. */
function unreadable(error: unknown): never {
  const problem = problemOf(error);
  if (problem.kind !== 'internal') throw problem;
  throw new Problem('unavailable', 'what the store keeps of the newest failures can not be read');
}

function crew(workers: readonly WorkerInfo[]): Pick<Overview, 'workers' | 'slots' | 'busySlots'> {
  const there = { online: 0, paused: 0, draining: 0, offline: 0 };
  for (const { state } of workers) there[state] += 1;
  const present = workers.filter(({ state }) => state !== 'offline');
  return {
    workers: there,
    slots: present.reduce((sum, { slots }) => sum + slots, 0),
    busySlots: present.reduce((sum, { running }) => sum + running, 0),
  };
}

function bucketView(bucket: BucketState, shown: Shown): BucketView {
  return {
    name: shown.text(bucket.bucket),
    remaining: bucket.remaining,
    limit: bucket.limit ?? null,
    inFlight: bucket.inFlight,
    resetsAt: bucket.resetsAt,
    reason: bucket.reason === undefined ? null : shown.word(bucket.reason),
  };
}

/** An hour without a gap, up to the minute that is under way by the store's clock, or the newest that it knows. */
export function minuteViews({ minutes, at: now }: Pick<Stats, 'minutes' | 'at'>): readonly MinuteView[] {
  const known = new Map(minutes.map((minute) => [minute.at, minute]));
  const last = Math.max(Math.floor(now / minuteMs) * minuteMs, minutes.at(-1)?.at ?? 0);
  return Array.from({ length: minutesShown }, (_, index) => {
    const at = last - (minutesShown - 1 - index) * minuteMs;
    return minuteView(at, known.get(at));
  });
}

function minuteView(at: number, minute: Stats['minutes'][number] | undefined): MinuteView {
  const { complete = 0, failed = 0, bytes = 0, durations = { counts: [], sumMs: 0 } } = minute ?? {};
  const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => quantileMs(durations, share));
  return { at, complete, failed, bytes, p50Ms: p50Ms ?? null, p95Ms: p95Ms ?? null, p99Ms: p99Ms ?? null };
}
