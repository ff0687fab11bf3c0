import type { Aim } from './aim.ts';

/** One line of the table: a figure of ours in every run and, where there is one, of what it is measured beside. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: readonly number[];
  /** What a user would have instead, or where something that grows began. */
  readonly peerName?: string;
  /** Measured under the same conditions as ours. */
  readonly peer?: readonly number[];
  readonly aim?: Aim;
}
