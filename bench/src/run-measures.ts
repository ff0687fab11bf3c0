import { inspect } from 'node:util';

import type { BenchArguments } from './bench-arguments.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';

/** Measures one thing, by some rows. */
export type Measure = (options: BenchArguments) => Promise<readonly Row[]>;

/** What came of all that was asked for. */
export interface Measurements {
  readonly rows: readonly Row[];
  /** Which measures failed, and why, in a line each. */
  readonly failures: readonly string[];
}

/** Runs those that are asked for, in their order. One that fails costs its own rows and no others. */
export async function runMeasures(
  measures: Readonly<Record<string, Measure>>,
  options: BenchArguments,
): Promise<Measurements> {
  const rows: Row[] = [];
  const failures: string[] = [];
  for (const [name, measure] of Object.entries(measures)) {
    if (!options.measures.includes(name)) continue;
    try {
      rows.push(...(await measure(options)));
    } catch (error) {
      sayProgress(`${name} failed: ${inspect(error)}`);
      failures.push(`${name}: ${firstLineOf(error)}`);
    }
  }
  return { rows, failures };
}

function firstLineOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : inspect(error)).split('\n');
  return line;
}
