import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program of the example as a real process, with what it has written so far. */
export interface Program {
  readonly process: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the first match in what it writes; rejects when it ends without one. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when it has ended and all that it wrote is here. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

const src = fileURLToPath(new URL('../src/', import.meta.url));
/** Programs start in half the time when they need not be compiled again. */
const compiled = fileURLToPath(new URL('../../../.cache/compiled', import.meta.url));

/** What `node` is given to run a file of the example's sources. */
export function nodeArguments(file: string, ...args: string[]): string[] {
  return ['--conditions=@imgferry/source', src + file, ...args];
}

/** Starts a command with these variables, and no others but what makes it find itself and start fast. */
export function startProgram(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const variables = { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: compiled, ...env };
  const child = spawn(command, args, { env: variables, stdio: 'pipe' });
  const written = { stdout: '', stderr: '' };
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      child.emit('written');
    });
  }
  const seen = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(written.stdout) ?? pattern.exec(written.stderr);
        if (match === null) return;
        child.off('written', look);
        resolve(match);
      };
      child.on('written', look);
      look();
      // Has no effect on what was seen before.
      void ended.then(() =>
        reject(new Error(`it ended without ${pattern}:\n${written.stdout}${written.stderr}`)),
      );
    });
  return { process: child, stdout: () => written.stdout, stderr: () => written.stderr, seen, ended };
}
