/** One line of the table: a figure of ours in every run and, where there is one, of what it is measured beside. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: readonly number[];
  /** What a user would have instead. */
  readonly peerName?: string;
  /** Measured in turns with ours. */
  readonly peer?: readonly number[];
  /** What is wanted, of the ratio where there is one beside. */
  readonly aim?: string;
}
