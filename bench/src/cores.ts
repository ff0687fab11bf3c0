import { type SpawnSyncReturns, spawnSync } from 'node:child_process';

/** Cores as `taskset` names them. */
export interface CoreShares {
  /** For the program that is measured. */
  readonly own: string;
  /** For all that it speaks to. */
  readonly others: string;
}

/** How the cores that this process may run on can be shared, or why they can not. */
export function shareCores(): CoreShares | string {
  const { error, status, stdout } = taskset('-cp', `${process.pid}`);
  if (error !== undefined || status !== 0) return 'there is no taskset here (it comes with util-linux)';
  const [own = '', ...others] = coresOf(stdout.slice(stdout.lastIndexOf(':') + 1).trim());
  return others.length === 0 ? 'there is but one core' : { own, others: others.join(',') };
}

/** Keeps this process, with all it starts, off the core that somebody has for its own, for as long as it works. */
export async function onOtherCores<Result>(
  { own, others }: CoreShares,
  work: () => Promise<Result>,
): Promise<Result> {
  keepOn(others);
  try {
    return await work();
  } finally {
    keepOn(`${own},${others}`);
  }
}

function keepOn(cores: string): void {
  const { status, stderr } = taskset('-acp', cores, `${process.pid}`);
  if (status !== 0) throw new Error(`this process can not be kept on cores ${cores}: ${stderr}`);
}

function taskset(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync('taskset', args, { encoding: 'utf8' });
}

/** Of a list like `0-2,5`. */
function coresOf(list: string): string[] {
  return list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => String(first + at));
  });
}
