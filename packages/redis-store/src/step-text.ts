import { createHash } from 'node:crypto';

import { luaLibraries, luaSteps } from './lua-sources.ts';

/** The name of a step: a file in `lua/`. */
export type StepName = keyof typeof luaSteps;

export const stepNames: readonly StepName[] = Object.keys(luaSteps) as StepName[];

/** The script of a step: the libraries that it needs, then what it does. */
export function stepText(step: StepName): string {
  const { shebang, libraries, text } = luaSteps[step];
  return [shebang, ...libraries.map((name) => luaLibraries[name]), text].join('\n');
}

const digests = new Map<StepName, string>();

/** What Redis knows a script by, once it has been told of it. */
export function stepDigest(step: StepName): string {
  const known = digests.get(step);
  if (known !== undefined) return known;
  const digest = createHash('sha1').update(stepText(step)).digest('hex');
  digests.set(step, digest);
  return digest;
}

/**
 * The keys that every step declares: the prefix, from which it makes those that it uses, and another one. Neither ever
 * exists. While a slot is on its way to another node of a cluster, some keys are here and some there; Redis then runs a
 * script with two missing keys on neither of the nodes. With one it would run it on the new node, which lacks the rest.
 */
export function stepKeys(prefix: string): readonly string[] {
  return [prefix, `${prefix}-`];
}
