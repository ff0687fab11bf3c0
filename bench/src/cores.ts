import { spawnSync } from 'node:child_process';

import { whileOpen } from './while-open.ts';

/** Cores as `taskset` names them. */
export interface CoreShares {
  /** For the program that is measured. */
  readonly own: string;
  /** For all that it speaks to. */
  readonly others: string;
}

/** How the cores that this process may run on are shared, or why they can not be. */
export type CoreSharing =
  | { readonly possible: true; readonly shares: CoreShares }
  | { readonly possible: false; readonly reason: string };

/** What a run of `taskset` came to. */
export interface TasksetRun {
  /** No number where it could not be started. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Looks whether a program can have one core to itself here. */
export function shareCores(taskset: (...args: string[]) => TasksetRun = runTaskset): CoreSharing {
  const { status, stdout } = taskset('-cp', `${process.pid}`);
  if (status !== 0) return impossible('there is no taskset here (it comes with util-linux)');
  const list = stdout.slice(stdout.lastIndexOf(':') + 1).trim();
  const [own = '', ...others] = coresOf(list);
  if (others.length === 0) return impossible('there is but one core');
  // Not every taskset can move a process with all its threads, which tells when it is moved to where it is.
  if (taskset('-acp', list, `${process.pid}`).status !== 0)
    return impossible('the taskset here has no -a (that of util-linux does)');
  return { possible: true, shares: { own, others: others.join(',') } };
}

/** Keeps this process, with all it starts, off the core that somebody has for its own, for as long as it works. */
export function onOtherCores<Result>(
  { own, others }: CoreShares,
  work: () => Promise<Result>,
): Promise<Result> {
  return whileOpen((open) => {
    keepOn(others);
    open({ close: () => keepOn(`${own},${others}`) });
    return work();
  });
}

/** Of a list like `0-2,5`. */
export function coresOf(list: string): string[] {
  return list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => String(first + at));
  });
}

function impossible(reason: string): CoreSharing {
  return { possible: false, reason };
}

function keepOn(cores: string): void {
  const { status, stderr } = runTaskset('-acp', cores, `${process.pid}`);
  if (status !== 0) throw new Error(`this process can not be kept on cores ${cores}: ${stderr}`);
}

function runTaskset(...args: string[]): TasksetRun {
  return spawnSync('taskset', args, { encoding: 'utf8' });
}
