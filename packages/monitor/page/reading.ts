/** What is known of one path below `api/`. */
export interface Reading<Value = unknown> {
  readonly value: Value | undefined;
  /** When the server said so; undefined while it has said nothing. */
  readonly at: number | undefined;
  /** Why it could not be read the last time. The value is then the one before. */
  readonly problem: Problem | undefined;
  /** It is of what was asked for before: the answer to what is asked for now has not come. */
  readonly isOfBefore?: boolean;
}

/** Why something can not be read, as far as the page says it. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
}

export const UNREAD: Reading = { value: undefined, at: undefined, problem: undefined };
