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
};

/** Builds every entry that the manifest in the working directory exports. */
export function libraryBuild(): Build {
  return defineConfig({ ...base, dts: true, entry: exportedSources() });
}

/** Builds programs that are run, not imported. */
export function programBuild(entry: string[]): Build {
  return defineConfig({ ...base, entry });
}

function exportedSources(): Record<string, string> {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, string | { '@imgferry/source': string }>;
  };
  const entries: Record<string, string> = {};
  for (const target of Object.values(manifest.exports)) {
    if (typeof target === 'string') continue;
    const source = target['@imgferry/source'];
    entries[source.replace(/^\.\/src\/(.+)\.ts$/, '$1')] = source;
  }
  return entries;
}
