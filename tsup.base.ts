import { readFileSync } from 'node:fs';

import { defineConfig, type Options } from 'tsup';

type Build = ReturnType<typeof defineConfig>;

const base: Options = {
  format: ['esm'],
  target: 'node22',
  platform: 'node',
  sourcemap: true,
  clean: true,
  treeshake: true,
  // Entries share chunks, so that a class imported through two of them is one class.
  splitting: true,
  // What the manifest names in its `imports` is found when it runs.
  external: [/^#/],
};

/** Builds every entry that the manifest in the working directory exports, and the commands that it brings. */
export function libraryBuild(): Build {
  const entry = exportedSources();
  return defineConfig({ ...base, dts: { entry }, entry: { ...entry, ...commandSources() } });
}

/** Builds programs that are run, not imported. */
export function programBuild(entry: string[]): Build {
  return defineConfig({ ...base, entry });
}

interface Manifest {
  readonly exports: Record<string, string | { '@imgferry/source': string }>;
  /** Not in `bin`, which would be linked in the workspace before anything is built. */
  readonly publishConfig?: { readonly bin?: Record<string, string> };
}

function manifest(): Manifest {
  return JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
}

/** A command is built from the source of its name. */
function commandSources(): Record<string, string> {
  const commands = Object.keys(manifest().publishConfig?.bin ?? {});
  return Object.fromEntries(commands.map((name) => [name, `./src/${name}.ts`]));
}

function exportedSources(): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const target of Object.values(manifest().exports)) {
    if (typeof target === 'string') continue;
    const source = target['@imgferry/source'];
    entries[source.replace(/^\.\/src\/(.+)\.ts$/, '$1')] = source;
  }
  return entries;
}
