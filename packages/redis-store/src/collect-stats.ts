import type { Stats } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { readStats, type StatsAnswer } from './read-stats.ts';

type DelayedAnswer = readonly [cursor: string, ...idsAndCounts: (string | number)[]];

/** What was counted and what is held: one step, and some more for what is delayed when that is of very many jobs. */
export async function collectStats(connection: Connection): Promise<Stats> {
  const answer = (await connection.run('stats', [])) as StatsAnswer;
  const stats = readStats(answer);
  const hasMoreDelayed = answer[6] === 1;
  if (!hasMoreDelayed) return stats;
  return { ...stats, queue: { ...stats.queue, delayed: await countDelayed(connection) } };
}

/** Each job once, although a scan may come by one of them again. */
async function countDelayed(connection: Connection): Promise<number> {
  const counts = new Map<string, number>();
  let cursor = '0';
  do {
    const [next, ...found] = (await connection.run('delayed', [cursor])) as DelayedAnswer;
    for (let at = 0; at < found.length; at += 2) counts.set(String(found[at]), Number(found[at + 1]));
    cursor = next;
  } while (cursor !== '0');
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
