import type { FailureCode, OutcomeCount } from '@imgferry/core';

type Code = FailureCode | null;

/** How many uploads of each host ended in which way. */
export class OutcomeCounts {
  readonly #hosts = new Map<string, Map<Code, number>>();

  /** @param code null of those that are complete. */
  add(host: string, code: Code, count: number): void {
    const counts = this.#hosts.get(host) ?? new Map<Code, number>();
    this.#hosts.set(host, counts.set(code, (counts.get(code) ?? 0) + count));
  }

  list(): readonly OutcomeCount[] {
    return inOrder(this.#hosts).flatMap(([host, counts]) =>
      inOrder(counts).map(([code, count]) => ({
        host,
        outcome: code === null ? ('complete' as const) : ('failed' as const),
        code,
        count,
      })),
    );
  }
}

/** By their keys, null first. */
function inOrder<Key extends string | null, Value>(entries: ReadonlyMap<Key, Value>): [Key, Value][] {
  return [...entries].sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1));
}
