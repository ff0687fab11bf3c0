import { failureCodes, type OutcomeCount } from '@imgferry/core';
import type { Sample } from './exposition.ts';

/** What stands for every code that is in no table here: one of a newer worker. */
const other = 'other';

const everyOutcome = [
  { outcome: 'complete', code: 'none' },
  ...Object.keys(failureCodes).map((code) => ({ outcome: 'failed', code })),
] as const;

/**
 * The outcomes of the hosts that have a label, also those that there are none of yet: `rate` and `increase` do not
 * see a series that begins with 1.
 */
export function outcomeSamples(outcomes: readonly OutcomeCount[], hosts: readonly string[]): Sample[] {
  return hosts.flatMap((host) => {
    const counts = new Map(everyOutcome.map((each) => [JSON.stringify(each), 0]));
    for (const { outcome, code, count } of outcomes.filter((each) => each.host === host)) {
      const key = JSON.stringify({ outcome, code: codeLabel(code) });
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
    return [...counts].map(([key, value]) => ({ labels: { host, ...JSON.parse(key) }, value }));
  });
}

/** Those of all the others together. */
export function otherOutcomeSamples(outcomes: readonly OutcomeCount[], hosts: readonly string[]): Sample[] {
  const named = new Set(hosts);
  return (['complete', 'failed'] as const).map((outcome) => ({
    labels: { outcome },
    value: outcomes
      .filter((each) => each.outcome === outcome && !named.has(each.host))
      .reduce((sum, { count }) => sum + count, 0),
  }));
}

function codeLabel(code: string | null): string {
  if (code === null) return 'none';
  return Object.hasOwn(failureCodes, code) ? code : other;
}
