import { hostNamePattern, type OutcomeCount, type Stats, type WorkerInfo } from '@imgferry/core';

/** So many hosts have a label of their own; a label with endless values fills the memory of a Prometheus. */
export const maxHosts = 20;

/**
 * The hosts that have a label: those with the most outcomes, then those that a worker works for and nothing has come of
 * yet, so that their first outcome is seen as one more and not as where a counter begins.
 */
export function namedHosts({ outcomes }: Pick<Stats, 'outcomes'>, workers: readonly WorkerInfo[]): string[] {
  const hosts = new Set([...busiestFirst(outcomes), ...workedFor(workers)]);
  return [...hosts].slice(0, maxHosts);
}

function busiestFirst(outcomes: readonly OutcomeCount[]): string[] {
  const counts = new Map<string, number>();
  for (const { host, count } of outcomes) counts.set(host, (counts.get(host) ?? 0) + count);
  return [...counts]
    .toSorted(([, one], [, another]) => another - one)
    .map(([host]) => host)
    .filter(isHostName);
}

function workedFor(workers: readonly WorkerInfo[]): string[] {
  return workers
    .filter(({ state }) => state !== 'offline')
    .map(({ settings }) => settings.host)
    .filter(isHostName);
}

/** What is in a store may be anything, and a label has no other bound. */
export function isHostName(told: unknown): told is string {
  return typeof told === 'string' && hostNamePattern.test(told);
}
