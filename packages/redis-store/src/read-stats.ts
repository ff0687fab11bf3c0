import {
  type Durations,
  durationBoundsMs,
  type FailureCode,
  type OutcomeCount,
  type Stats,
} from '@imgferry/core';

/** What the step `stats` answers. */
export type StatsAnswer = readonly [
  totals: readonly string[],
  outcomes: readonly string[],
  durations: readonly string[],
  minutes: readonly string[],
  oldestMs: number,
  liveJobs: number,
  pausedJobs: number,
  paused: readonly string[],
  nextDelayedMs: number,
  overdue: number,
  at: number,
];

/** What was counted and what is held, from the answer of the step. */
export function readStats(answer: StatsAnswer): Stats {
  const [
    totals,
    outcomes,
    durations,
    minutes,
    oldestMs,
    liveJobs,
    pausedJobs,
    paused,
    nextDelayedMs,
    overdue,
    at,
  ] = answer;
  const counted = new Map(pairs(totals));
  const total = (name: string): number => Number(counted.get(name) ?? 0);
  const worked = new Map(pairs(durations));
  return {
    at,
    totals: readTotals(total),
    outcomes: pairs(outcomes).map(readOutcome).sort(byHostAndCode),
    durations: readDurations(worked.get('all')),
    queue: {
      waiting: total('waiting'),
      claimed: total('claimed'),
      delayed: total('delayed'),
      nextDelayedMs: nextDelayedMs < 0 ? null : nextDelayedMs,
      overdue,
      oldestMs: oldestMs < 0 ? null : oldestMs,
      liveJobs,
      paused: paused.includes('queue'),
      pausedJobs,
      pausedHosts: paused
        .filter((name) => name.startsWith('host:'))
        .map((name) => name.slice('host:'.length))
        .sort(),
    },
    minutes: pairs(minutes)
      .map(([at, counts]) => ({ ...readMinute(at, counts), durations: readDurations(worked.get(at)) }))
      .sort((a, b) => a.at - b.at),
  };
}

function readTotals(total: (name: string) => number): Stats['totals'] {
  return {
    jobsCreated: total('jobsCreated'),
    jobsFinished: total('jobsFinished'),
    uploadsCreated: total('uploadsCreated'),
    uploadsComplete: total('uploadsComplete'),
    uploadsFailed: total('uploadsFailed'),
    uploadsRetried: total('uploadsRetried'),
    leasesExpired: total('leasesExpired'),
    settlesLost: total('settlesLost'),
    possiblyDuplicated: total('possiblyDuplicated'),
    uploadsReused: total('uploadsReused'),
    bytes: total('bytes'),
  };
}

/** Of a field as '<complete, or a failure code> <host>'. */
function readOutcome([field, count]: readonly [string, string]): OutcomeCount {
  const place = field.indexOf(' ');
  const [what, host] = [field.slice(0, place), field.slice(place + 1)];
  return what === 'complete'
    ? { host, outcome: 'complete', code: null, count: Number(count) }
    : { host, outcome: 'failed', code: what as FailureCode, count: Number(count) };
}

function byHostAndCode(a: OutcomeCount, b: OutcomeCount): number {
  if (a.host !== b.host) return a.host < b.host ? -1 : 1;
  return (a.code ?? '') < (b.code ?? '') ? -1 : 1;
}

/** Of a text with how many are in each bucket, and their sum behind them. An earlier version has counted none. */
function readDurations(text: string = ''): Durations {
  const numbers = text === '' ? [] : text.split(' ').map(Number);
  const counts = [...durationBoundsMs, Number.POSITIVE_INFINITY].map((_, bucket) => numbers[bucket] ?? 0);
  return { counts, sumMs: numbers[counts.length] ?? 0 };
}

function readMinute(at: string, counts: string): Omit<Stats['minutes'][number], 'durations'> {
  const [complete = 0, failed = 0, bytes = 0] = counts.split(' ').map(Number);
  return { at: Number(at), complete, failed, bytes };
}

function pairs(flat: readonly string[]): (readonly [string, string])[] {
  return flat.flatMap((name, place) => (place % 2 === 0 ? [[name, flat[place + 1] ?? ''] as const] : []));
}
