import type { Stats } from '@imgferry/core';

/** What the step `stats` answers. */
export type StatsAnswer = readonly [
  totals: readonly string[],
  delayed: number,
  oldestMs: number,
  liveJobs: number,
  paused: readonly string[],
  minutes: readonly string[],
  /** 1 when delays were not counted of all jobs: the step counts those of a thousand. */
  hasMoreDelayed: number,
];

/** What was counted and what is held, from the answer of the step. */
export function readStats(answer: StatsAnswer): Stats {
  const [totals, delayed, oldestMs, liveJobs, paused, minutes] = answer;
  const counted = new Map(pairs(totals));
  const total = (name: string): number => Number(counted.get(name) ?? 0);
  return {
    totals: readTotals(total),
    queue: {
      waiting: total('waiting'),
      claimed: total('claimed'),
      delayed,
      oldestMs: oldestMs < 0 ? null : oldestMs,
      liveJobs,
      paused: paused.includes('queue'),
      pausedHosts: paused
        .filter((name) => name.startsWith('host:'))
        .map((name) => name.slice('host:'.length))
        .sort(),
    },
    minutes: pairs(minutes)
      .map(readMinute)
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

function readMinute([at, counts]: readonly [string, string]): Stats['minutes'][number] {
  const [complete = 0, failed = 0, bytes = 0] = counts.split(' ').map(Number);
  return { at: Number(at), complete, failed, bytes };
}

function pairs(flat: readonly string[]): (readonly [string, string])[] {
  return flat.flatMap((name, place) => (place % 2 === 0 ? [[name, flat[place + 1] ?? ''] as const] : []));
}
