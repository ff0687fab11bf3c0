import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../examples/service/src/main.ts', import.meta.url));
const compiled = fileURLToPath(new URL('../../.cache/compiled', import.meta.url));

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of the example service, with its log in a file. */
export class ServiceProcess {
  readonly name: string;
  readonly role: string;
  readonly startedAt = performance.now();
  /** Resolves when it has ended. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #logFile: string;
  readonly #log: WriteStream;
  /** The end of what it wrote, for as long as somebody waits for something in it. */
  #recent: string | undefined = '';
  #toldToEnd = false;

  constructor(role: string, name: string, env: Readonly<Record<string, string>>, folder: string) {
    this.role = role;
    this.name = name;
    this.#logFile = join(folder, `${name}.log`);
    this.#log = createWriteStream(this.#logFile);
    this.#child = spawn(process.execPath, ['--conditions=@imgferry/source', main, role], {
      env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: compiled, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: the Ctrl-C of a terminal is for the soak, which then ends what it has started.
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log.write(text);
        if (this.#recent !== undefined) this.#recent += text;
        this.#child.emit('written');
      });
    }
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      this.#log.end();
      return { code, signal };
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Whether somebody has asked for its end. */
  get wasToldToEnd(): boolean {
    return this.#toldToEnd;
  }

  /** Resolves when it says that it is up. */
  async ready(): Promise<void> {
    const signal = AbortSignal.timeout(60_000);
    while (!(this.#recent ?? '').includes('Ctrl-C')) {
      if (!this.isRunning) throw new Error(`${this.name} ended at its start; see ${this.#logFile}`);
      await Promise.race([once(this.#child, 'written', { signal }), this.ended]);
    }
    this.#recent = undefined;
  }

  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  kill(): Promise<Ending> {
    this.#toldToEnd = true;
    this.#child.kill('SIGKILL');
    return this.ended;
  }

  /** Asks it to end in good order; answers nothing when it has not within this time. */
  async drain(withinMs: number): Promise<Ending | undefined> {
    this.#toldToEnd = true;
    this.#child.kill('SIGTERM');
    const over = new AbortController();
    const late = sleep(withinMs, undefined, { signal: over.signal }).catch(() => undefined);
    const ending = await Promise.race([this.ended, late]);
    over.abort();
    return ending;
  }

  /** All that it wrote, once it has ended. */
  written(): string {
    return readFileSync(this.#logFile, 'utf8');
  }
}
