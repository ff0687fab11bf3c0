/** What can be closed, or ended as a {@link Child} is. */
export type Closable = { close(): unknown } | { end(): unknown };

/** Notes that something has to be closed, and answers it. */
export type Open = <Thing extends Closable>(thing: Thing) => Thing;

/**
 * Closes all that some work has opened, last first, however the work ends. What fails to close keeps nothing else open.
 * @throws What the work threw, or what could not be closed; an AggregateError of them all, in their order, if there are more
 */
export async function whileOpen<Result>(work: (open: Open) => Promise<Result>): Promise<Result> {
  const opened: Closable[] = [];
  const open: Open = (thing) => {
    opened.push(thing);
    return thing;
  };
  const [done] = await Promise.allSettled([work(open)]);
  const failures: unknown[] = done.status === 'rejected' ? [done.reason] : [];
  for (const thing of opened.toReversed()) {
    try {
      await ('close' in thing ? thing.close() : thing.end());
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 1) throw new AggregateError(failures, failures.map(messageOf).join('; then '));
  if (done.status === 'rejected' || failures.length > 0) throw failures[0];
  return done.value;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
