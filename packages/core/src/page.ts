/** Which part of a long list to read. */
export interface PageOptions {
  /** At most so many items, from 1. @default 100 */
  readonly limit?: number;
  /** Where the last page ended: its `next`, unchanged. A cursor that was never given out is an `InvalidCursorError`. */
  readonly cursor?: string;
}

/** A part of a long list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The cursor of what follows; `undefined` at the end. */
  readonly next: string | undefined;
}
