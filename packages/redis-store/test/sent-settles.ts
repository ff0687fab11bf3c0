/** A request of `settle` with everything in it, which may be wrong. */
export interface SentSettle {
  readonly job?: unknown;
  readonly index?: unknown;
  readonly token?: unknown;
  readonly posts?: unknown;
  readonly outcome?: unknown;
}

/** Requests as `settle` is sent them. */
export function sentSettles(sent: readonly SentSettle[]): string {
  return JSON.stringify({
    jobs: sent.map(({ job }) => job),
    requests: sent.map(({ index, token, posts, outcome }, place) => [place, index, token, posts, outcome]),
  });
}
