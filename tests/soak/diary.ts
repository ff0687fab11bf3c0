import { createWriteStream, type WriteStream } from 'node:fs';

/** What happened when, in a file and counted by kind. */
export class Diary {
  readonly #file: WriteStream;
  readonly #startedAt = performance.now();
  readonly #times = new Map<string, number[]>();
  readonly #violations: string[] = [];

  constructor(path: string) {
    this.#file = createWriteStream(path);
  }

  /** Milliseconds since the start. */
  get now(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  note(what: string, facts: object = {}): void {
    this.#file.write(`${JSON.stringify({ atMs: this.now, what, ...facts })}\n`);
  }

  /** Notes a thing that is counted. */
  count(what: string, facts: object = {}): void {
    const times = this.#times.get(what) ?? [];
    times.push(this.now);
    this.#times.set(what, times);
    this.note(what, facts);
  }

  /** Notes what must not be. */
  violation(what: string): void {
    this.#violations.push(what);
    this.note('VIOLATION', { violation: what });
  }

  counted(what: string): number {
    return this.timesOf(what).length;
  }

  /** When it happened. */
  timesOf(what: string): readonly number[] {
    return this.#times.get(what) ?? [];
  }

  get violations(): readonly string[] {
    return this.#violations;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(() => resolve()));
  }
}
