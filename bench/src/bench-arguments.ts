import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchArguments {
  /** One run each, to see that everything works. */
  readonly quick: boolean;
  /** Keep the table as a file. */
  readonly save: boolean;
  /** Names of the measures. */
  readonly measures: readonly string[];
}

/**
 * Reads the command line.
 * @param known The measures there are; all of them run when none is named.
 * @throws Error that says what can not be understood
 */
export function readArguments(args: readonly string[], known: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, save: { type: 'boolean', default: false } },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`there is no measure ${unknown}; there are ${known.join(' and ')}`);
  return { ...values, measures: positionals.length === 0 ? known : positionals };
}
