import { inTime } from './in-time.ts';

/**
 * A reading that is good for a while: whoever wants it meanwhile is given the same. One that is under way is waited for,
 * so however many want it, a slow store is asked once. One that failed is forgotten.
 */
export class Kept<Value> {
  readonly #read: () => Promise<Value>;
  readonly #forMs: number;
  #kept: { readonly value: Promise<Value>; readonly begunAt: number; isUnderWay: boolean } | undefined;

  constructor(read: () => Promise<Value>, forMs: number) {
    this.#read = read;
    this.#forMs = forMs;
  }

  read(): Promise<Value> {
    const kept = this.#kept;
    if (kept !== undefined && (kept.isUnderWay || performance.now() - kept.begunAt < this.#forMs))
      return kept.value;
    return this.#begin();
  }

  /** What was read, or is being read, is no longer how things are. */
  forget(): void {
    this.#kept = undefined;
  }

  #begin(): Promise<Value> {
    const value = inTime(this.#read);
    const kept = { value, begunAt: performance.now(), isUnderWay: true };
    this.#kept = kept;
    value.then(
      () => {
        kept.isUnderWay = false;
      },
      () => {
        if (this.#kept === kept) this.forget();
      },
    );
    return value;
  }
}
