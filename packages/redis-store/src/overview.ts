import type { Connection } from './connection.ts';

/**
 * What a look at the whole of a namespace finds. `seen` is empty when it can not be read; who finds it the same twice
 * knows that nothing was claimed, ended or taken back in between.
 */
export type Overview = readonly [
  seen: readonly (string | number | null)[],
  last: string,
  ids: readonly string[],
  sentences: readonly string[],
];

/** Looks at the whole, and names the next jobs after a position, `most` at most. */
export async function overview(connection: Connection, after: string, most: number): Promise<Overview> {
  return (await connection.run('overview', [after, most])) as Overview;
}

/** Whether nothing has moved between two looks. */
export function isSame([before]: Overview, [after]: Overview): boolean {
  return before.length > 0 && String(before) === String(after);
}
