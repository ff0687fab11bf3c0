import { type ChildProcess, fork } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Answer, Call, Calls } from './answer-calls.ts';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How long a child may take to close what it opened, in milliseconds. Longer is a leak. */
const endMs = 10_000;

/** How a child is run, beside its arguments. */
export interface ChildOptions {
  /** Of Node, beside those of this process. */
  readonly flags?: readonly string[];
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The only core that it runs on, as `taskset` names it. @default those of this process */
  readonly core?: string | undefined;
}

/** A process of its own, so that what is measured shares neither memory nor CPU with what measures. */
export class Child<C extends Calls> {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #exited = Promise.withResolvers<void>();
  /** What went wrong first, of which a bad end may be the consequence. */
  #failure: Error | undefined;
  #lastId = 0;

  /** @param file A module that answers calls. */
  constructor(file: URL, args: readonly string[] = [], { flags = [], env = {}, core }: ChildOptions = {}) {
    this.#name = basename(file.pathname);
    const nodeArgs = [...process.execArgv, ...flags];
    this.#process = fork(fileURLToPath(file), args, {
      ...(core === undefined
        ? { execArgv: nodeArgs }
        : { execPath: 'taskset', execArgv: ['-c', core, process.execPath, ...nodeArgs] }),
      env: { ...process.env, ...env },
    });
    this.#process.on('message', (answer: Answer) => this.#settle(answer));
    this.#process.on('error', ({ message }) => this.#gone(`${this.#name} could not be started: ${message}`));
    this.#process.on('exit', (code, signal) => this.#gone(`${this.#name} ended with ${signal ?? code}`));
  }

  /** Calls a function of the child and answers what it answers. */
  call<Name extends keyof C & string>(
    name: Name,
    ...[input]: Parameters<C[Name]>
  ): Promise<Awaited<ReturnType<C[Name]>>> {
    this.#lastId += 1;
    const call: Call = { id: this.#lastId, name, input };
    return new Promise((resolve, reject) => {
      this.#pending.set(call.id, { resolve: resolve as Pending['resolve'], reject });
      if (!this.#process.connected) this.#rejectAll(`${this.#name} has ended`);
      else this.#process.send(call);
    });
  }

  /** Lets it close what it has open. Rejects when it has to be killed, or does not end well. */
  async end(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    const overdue = setTimeout(() => this.#process.kill('SIGKILL'), endMs);
    await this.#exited.promise;
    clearTimeout(overdue);
    const { exitCode, signalCode } = this.#process;
    if (exitCode === 0) return;
    const how = `${this.#name} did not end by itself: ${signalCode ?? exitCode}`;
    throw new Error(how, this.#failure && { cause: this.#failure });
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.status === 'answered') pending?.resolve(answer.output);
    else pending?.reject(this.#failed(`${this.#name}: ${answer.message}`));
  }

  #gone(message: string): void {
    this.#exited.resolve();
    this.#rejectAll(message);
  }

  #rejectAll(message: string): void {
    for (const { reject } of this.#pending.values()) reject(this.#failed(message));
    this.#pending.clear();
  }

  #failed(message: string): Error {
    const failure = new Error(message);
    this.#failure ??= failure;
    return failure;
  }
}
