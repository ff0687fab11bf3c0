import { nodeArguments, type Program, startProgram } from './start-program.ts';

/** The programs that a test has started, so that none is left when it is over. */
export class Programs {
  readonly #started: Program[] = [];

  /** Starts the service in a role, on free ports. */
  start(role: string, env: Readonly<Record<string, string>> = {}): Program {
    return this.run('main.ts', [role], { PORT: '0', MONITOR_PORT: '0', ...env });
  }

  /** Starts a file of the example's sources. */
  run(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Program {
    const program = startProgram(process.execPath, nodeArguments(file, ...args), env);
    this.#started.push(program);
    return program;
  }

  /** All that were started, in that order, with those that have ended. */
  get started(): readonly Program[] {
    return this.#started;
  }

  /** Ends those that still run, at once. */
  async killAll(): Promise<void> {
    for (const { process } of this.#started) process.kill('SIGKILL');
    await Promise.all(this.#started.splice(0).map(({ ended }) => ended));
  }
}

/** Whether it has not ended. */
export function isRunning({ process }: Program): boolean {
  return process.exitCode === null && process.signalCode === null;
}

/** Where an api, a monitor or a stand-in listens, once it does. */
export async function urlOf(program: Program): Promise<string> {
  const [, url = ''] = await program.seen(/listens on (http:\S+)\./);
  await program.seen(/Ctrl-C/);
  return url;
}

/** The lines of a program's log with such a message. */
export function logLines(program: Program, msg: RegExp): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = program
    .stdout()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return lines.filter((line) => msg.test(String(line.msg)));
}

/** Hands in a job. */
export function submit(
  api: string,
  urls: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${api}/v1/images/upload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ urls }),
  });
}
