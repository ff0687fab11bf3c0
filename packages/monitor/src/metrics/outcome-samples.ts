import { failureCodes, type OutcomeCount } from '@imgferry/core';
import type { Sample } from './exposition.ts';

/** So many hosts have a label of their own; a label with endless values fills the memory of a Prometheus. */
export const maxHosts = 20;

/** What stands for everything beyond a limit. */
export const other = 'other';

/**
 * The outcomes with labels that are bounded whatever a store has counted: the hosts with the most outcomes by name and
 * the rest as `other`, codes that are in the table and any other (of a newer worker) as `other`.
 */
export function outcomeSamples(outcomes: readonly OutcomeCount[]): Sample[] {
  const named = new Set(busiestHosts(outcomes));
  const samples = new Map<string, { labels: Record<string, string>; value: number }>();
  for (const { host, outcome, code, count } of outcomes) {
    const labels = { host: named.has(host) ? host : other, outcome, code: codeLabel(code) };
    const key = JSON.stringify(Object.values(labels));
    const sample = samples.get(key);
    if (sample === undefined) samples.set(key, { labels, value: count });
    else sample.value += count;
  }
  return [...samples.values()];
}

/** The hosts that keep their names, by how many of their uploads have ended. */
export function busiestHosts(outcomes: readonly OutcomeCount[]): string[] {
  const counts = new Map<string, number>();
  for (const { host, count } of outcomes) counts.set(host, (counts.get(host) ?? 0) + count);
  return [...counts]
    .toSorted(([, one], [, another]) => another - one)
    .slice(0, maxHosts)
    .map(([host]) => host);
}

function codeLabel(code: string | null): string {
  if (code === null) return 'none';
  return Object.hasOwn(failureCodes, code) ? code : other;
}
