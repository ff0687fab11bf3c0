/** One line of the table: a figure of ours in every run and, where there is one, of the peer. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: readonly number[];
  /** What a user would have written instead, measured in turns with ours. */
  readonly peer?: readonly number[];
}
