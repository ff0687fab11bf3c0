// Puts a fault of lua-faults.mjs into the Lua that this process will run; no file changes.
import { luaLibraries, luaSteps } from '../packages/redis-store/src/lua-sources.ts';

export function putLuaFault({ what, file, text, fault }) {
  const { name, isLibrary } = placeOf(file);
  const parts = partsAround({ what, file, text });
  if (isLibrary) luaLibraries[name] = parts.join(fault);
  else luaSteps[name].text = parts.join(fault);
}

/** What is before and after the text that a fault replaces. Throws unless it stands there once. */
export function partsAround({ what, file, text }) {
  const { name, isLibrary } = placeOf(file);
  const parts = (isLibrary ? luaLibraries[name] : luaSteps[name].text).split(text);
  if (parts.length === 2) return parts;
  throw new Error(`"${what}" can not be put in: its text stands ${parts.length - 1} times in ${file}`);
}

function placeOf(file) {
  return { name: /([^/]+)\.lua$/.exec(file)[1], isLibrary: file.startsWith('lib/') };
}

// As a setup file of vitest it takes the fault from the environment.
const fault = JSON.parse(process.env.LUA_FAULT ?? '{}');
if (fault.file !== undefined) putLuaFault(fault);
