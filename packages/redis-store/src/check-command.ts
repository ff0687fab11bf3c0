import { parseArgs } from 'node:util';

import { checkInvariants, type InvariantReport } from './check-invariants.ts';

/** What the command is run with. */
export interface CheckCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (line: string) => void;
  /** Where what is no result is said. Progress is shown only to people: `undefined` on what is no terminal. */
  readonly err: (line: string) => void;
  readonly progress: ((text: string) => void) | undefined;
}

const USAGE = `usage: REDIS_URL=redis://… imgferry-check [--namespace imgferry] [--json]

Looks whether all that is kept in a namespace agrees, and only reads. It can be pointed at a store in use.
Ends with 0 when it agrees, 1 when it does not, 2 when it could not look.`;

/** The command `imgferry-check`. Answers the exit status. The URL is no argument, because it may hold a password. */
export async function checkCommand(command: CheckCommand): Promise<0 | 1 | 2> {
  const { env, out, err, progress } = command;
  try {
    const { namespace, json, help } = readArguments(command.args);
    if (help) {
      out(USAGE);
      return 0;
    }
    if (!env.REDIS_URL) throw new Error('set REDIS_URL to the Redis to look at');
    const report = await checkInvariants(
      { url: env.REDIS_URL, namespace },
      { onProgress: (jobs) => progress?.(`${count(jobs, 'job')} looked at`) },
    );
    progress?.('');
    for (const line of json ? [JSON.stringify(report)] : describe(report, namespace)) out(line);
    return report.violations.length === 0 ? 0 : 1;
  } catch (error) {
    progress?.('');
    err(error instanceof Error ? error.message : String(error));
    err('imgferry-check --help tells how to use it');
    return 2;
  }
}

function readArguments(args: readonly string[]): { namespace: string; json: boolean; help: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      namespace: { type: 'string', default: 'imgferry' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

function describe({ jobs, violations }: InvariantReport, namespace: string): readonly string[] {
  const looked = `${count(jobs, 'job')} in {${namespace}}`;
  if (violations.length === 0 && jobs === 0) return [`${looked}: nothing is kept under this name by now`];
  if (violations.length === 0) return [`${looked}: all agrees`];
  return [
    ...violations,
    `${looked}: ${count(violations.length, 'thing')} ${violations.length === 1 ? 'does' : 'do'} not agree`,
  ];
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
