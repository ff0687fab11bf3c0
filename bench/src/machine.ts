import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';

import { redisBinary } from '../../tests/setup/redis-server.ts';

/** What the figures depend on. */
export interface Machine {
  readonly node: string;
  /** The name and the version of the server that measures start as their Redis. */
  readonly redis: string;
  readonly cores: number;
  readonly cpu: string;
  /** How many processes wanted a core in the last minute: anything but near 0 makes the figures worth less. */
  readonly load: number;
  /** The short commit, with `-changed` when what is measured differs from it; `unknown` outside a repository. */
  readonly commit: string;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/** Looks at this machine and at the commit that is measured. */
export function describeMachine(): Machine {
  return {
    node: process.version,
    redis: redis(),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    load: loadavg()[0] ?? 0,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Of the work tree, what makes no difference to a figure. */
const notMeasured = [':(exclude)*.md', ':(exclude)bench/results', ':(exclude)bench/test'];

/** Of the line that a server answers to `--version`: `Redis 7.0.15`, or `Valkey 8.1.1`. */
export function serverNamed(line: string): string | undefined {
  const [, name, version] = /^(\w+) server v=(\S+)/.exec(line) ?? [];
  return name && version && `${name} ${version}`;
}

/** A measure that needs a Redis says by itself what is missing. */
function redis(): string {
  try {
    const line = execFileSync(redisBinary(), ['--version'], { encoding: 'utf8' });
    return serverNamed(line) ?? 'an unknown Redis';
  } catch {
    return 'no Redis';
  }
}

function commit(): string {
  try {
    const changed = git('status', '--porcelain', '--', '.', ...notMeasured) !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '-changed' : ''}`;
  } catch {
    return 'unknown';
  }
}

function git(...args: string[]): string {
  const cwd = new URL('../../', import.meta.url);
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
