// Writes the Lua of the Redis store into a TypeScript module, so that no build has to find files at run time.
// `--check` only says whether that module is up to date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const store = join(dirname(fileURLToPath(import.meta.url)), '..', 'packages', 'redis-store');
const lua = join(store, 'lua');
const target = join(store, 'src', 'lua-sources.ts');

/** Every step with the libraries that it names, as the text of a module. */
export function inlinedLua() {
  const names = readdirSync(lua)
    .filter((name) => name.endsWith('.lua'))
    .map((name) => name.slice(0, -'.lua'.length))
    .sort();
  const entries = names.map((name) => `  ${name}: ${JSON.stringify(inline(name))},\n`).join('');
  return [
    '// Written by scripts/inline-lua.mjs from the files in lua/. Change those, then run it again.\n',
    '/** The text of every step. */\n',
    `export const luaSources = {\n${entries}} as const;\n`,
  ].join('');
}

function inline(name) {
  const [shebang, requires, ...step] = readFileSync(join(lua, `${name}.lua`), 'utf8').split('\n');
  if (!shebang?.startsWith('#!lua')) throw new Error(`${name}.lua must begin with #!lua`);
  const libraries = /^-- requires: (.+)$/.exec(requires ?? '')?.[1]?.split(', ');
  if (libraries === undefined) throw new Error(`the second line of ${name}.lua must name what it requires`);
  const texts = libraries.map((library) => readFileSync(join(lua, 'lib', `${library}.lua`), 'utf8'));
  return [shebang, ...[...texts, step.join('\n')].flatMap(statements)].join('\n');
}

/** What is left without comments, blank lines and indentation. */
function statements(text) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('--'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = inlinedLua();
  if (!process.argv.includes('--check')) writeFileSync(target, wanted);
  else if (readFileSync(target, 'utf8') !== wanted) {
    console.error('src/lua-sources.ts is not what lua/ says: run node scripts/inline-lua.mjs');
    process.exitCode = 1;
  }
}
