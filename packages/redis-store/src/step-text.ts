import { luaLibraries, luaSteps } from './lua-sources.ts';

/** The name of a step: a file in `lua/`. */
export type StepName = keyof typeof luaSteps;

export const stepNames: readonly StepName[] = Object.keys(luaSteps) as StepName[];

/** The script of a step: the libraries that it needs, then what it does. */
export function stepText(step: StepName): string {
  const { shebang, libraries, text } = luaSteps[step];
  return [shebang, ...libraries.map((name) => luaLibraries[name]), text].join('\n');
}
