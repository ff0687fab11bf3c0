import type { Stats } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { readStats, type StatsAnswer } from './read-stats.ts';

type DelayedAnswer = readonly [
  cursor: string,
  jobs: readonly (readonly [id: string, delayed: number, nextMs: number])[],
];
type OverdueAnswer = readonly [cursor: string, tokens: readonly string[]];

/** What was counted and what is held: one step, and some more where very many jobs have delays or leases are out. */
export async function collectStats(connection: Connection): Promise<Stats> {
  const answer = (await connection.run('stats', [])) as StatsAnswer;
  const stats = readStats(answer);
  const [, , , , , , , , [, , hasMoreDelayed], [, hasMoreLeases]] = answer;
  const queue = {
    ...stats.queue,
    ...(hasMoreDelayed === 1 ? await readDelays(connection) : {}),
    ...(hasMoreLeases === 1 ? { overdue: await countOverdue(connection) } : {}),
  };
  return { ...stats, queue };
}

/** Each job once, although a scan may come by one of them again. */
async function readDelays(
  connection: Connection,
): Promise<Pick<Stats['queue'], 'delayed' | 'nextDelayedMs'>> {
  const counts = new Map<string, number>();
  let next = Number.POSITIVE_INFINITY;
  let cursor = '0';
  do {
    const [goOn, jobs] = (await connection.run('delayed', [cursor])) as DelayedAnswer;
    for (const [id, delayed, nextMs] of jobs) {
      counts.set(id, delayed);
      if (nextMs >= 0) next = Math.min(next, nextMs);
    }
    cursor = goOn;
  } while (cursor !== '0');
  const delayed = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { delayed, nextDelayedMs: delayed === 0 ? null : next };
}

/** Each lease once, although a scan may come by one of them again. */
async function countOverdue(connection: Connection): Promise<number> {
  const overdue = new Set<string>();
  let cursor = '0';
  do {
    const [goOn, tokens] = (await connection.run('overdue', [cursor])) as OverdueAnswer;
    for (const token of tokens) overdue.add(token);
    cursor = goOn;
  } while (cursor !== '0');
  return overdue.size;
}
