import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface SoakOptions {
  /** For how long faults are done. What follows, until all is quiet and judged, comes on top. */
  readonly forMs: number;
  readonly seed: number;
  readonly workers: number;
  /** When Redis writes to its disk. With `everysec` it may forget the last two seconds before it was killed. */
  readonly appendfsync: 'always' | 'everysec';
  /** Uploads handed in per second, on average. */
  readonly rate: number;
  /** For how long, after the last fault, uploads may take to end by themselves. What is left then is cancelled. */
  readonly patienceMs: number;
}

const usage =
  'npm run soak -- [--minutes 10] [--seed 1] [--workers 5] [--rate 40] [--patience 120] [--appendfsync always|everysec]';

/** Reads the command line. @throws Error that says what can not be understood */
export function readOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      workers: { type: 'string', default: '5' },
      rate: { type: 'string', default: '40' },
      patience: { type: 'string', default: '120' },
      appendfsync: { type: 'string', default: 'always' },
    },
  });
  const { appendfsync } = values;
  if (appendfsync !== 'always' && appendfsync !== 'everysec')
    throw new Error(`appendfsync is always or everysec: ${usage}`);
  return {
    forMs: Math.round(number('minutes', values.minutes) * 60_000),
    seed: number('seed', values.seed),
    workers: number('workers', values.workers),
    rate: number('rate', values.rate),
    patienceMs: number('patience', values.patience) * 1_000,
    appendfsync,
  };
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0)) throw new Error(`${name} is a number above 0: ${usage}`);
  return value;
}
