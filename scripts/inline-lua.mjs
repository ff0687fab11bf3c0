// Writes the Lua of the Redis store into a TypeScript module, so that no build has to find files at run time.
// `--check` only says whether that module is up to date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const store = join(dirname(fileURLToPath(import.meta.url)), '..', 'packages', 'redis-store');
const lua = join(store, 'lua');
const target = join(store, 'src', 'lua-sources.ts');

/** Every library and every step, as the text of a module. */
export function inlinedLua() {
  const libraries = namesIn(join(lua, 'lib')).map(
    (name) =>
      `  ${name}: ${JSON.stringify(statements(readFileSync(join(lua, 'lib', `${name}.lua`), 'utf8')))},\n`,
  );
  const steps = namesIn(lua).map((name) => `  ${name}: ${JSON.stringify(readStep(name))},\n`);
  return [
    '// Written by scripts/inline-lua.mjs from the files in lua/. Change those, then run it again.\n',
    '/** What steps share, by name. */\n',
    `export const luaLibraries = {\n${libraries.join('')}};\n`,
    '/** Every step: how it begins, the libraries it needs in their order, and what it does. */\n',
    `export const luaSteps = {\n${steps.join('')}} as const;\n`,
  ].join('');
}

function namesIn(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.lua'));
  return files.map((name) => name.slice(0, -'.lua'.length)).sort();
}

function readStep(name) {
  const [shebang, requires, ...step] = readFileSync(join(lua, `${name}.lua`), 'utf8').split('\n');
  if (!shebang?.startsWith('#!lua')) throw new Error(`${name}.lua must begin with #!lua`);
  const libraries = /^-- requires: (.+)$/.exec(requires ?? '')?.[1]?.split(', ');
  if (libraries === undefined) throw new Error(`the second line of ${name}.lua must name what it requires`);
  return { shebang, libraries, text: statements(step.join('\n')) };
}

/** What is left without comments, blank lines and indentation. */
function statements(text) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('--'))
    .join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = inlinedLua();
  if (!process.argv.includes('--check')) writeFileSync(target, wanted);
  else if (readFileSync(target, 'utf8') !== wanted) {
    console.error('src/lua-sources.ts is not what lua/ says: run node scripts/inline-lua.mjs');
    process.exitCode = 1;
  }
}
