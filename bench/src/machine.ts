import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';

/** What the figures depend on. */
export interface Machine {
  readonly node: string;
  readonly cores: number;
  readonly cpu: string;
  /** How many processes wanted a core in the last minute: anything but near 0 makes the figures worth less. */
  readonly load: number;
  /** The short commit, with `-changed` when the work tree differs from it; `unknown` outside a repository. */
  readonly commit: string;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/** Looks at this machine and at the commit that is measured. */
export function describeMachine(): Machine {
  return {
    node: process.version,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    load: loadavg()[0] ?? 0,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
  };
}

function commit(): string {
  try {
    const changed = git('status', '--porcelain', '--', 'packages', 'bench/src') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '-changed' : ''}`;
  } catch {
    return 'unknown';
  }
}

function git(...args: string[]): string {
  const cwd = new URL('../../', import.meta.url);
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
