// Puts a fault of lua-faults.mjs into the Lua that this process will run; no file changes.
import { luaLibraries, luaSteps } from '../packages/redis-store/src/lua-sources.ts';

export function putLuaFault({ file, text, fault }) {
  const name = /([^/]+)\.lua$/.exec(file)[1];
  const isLibrary = file.startsWith('lib/');
  const parts = (isLibrary ? luaLibraries[name] : luaSteps[name].text).split(text);
  if (parts.length !== 2) throw new Error(`its text stands ${parts.length - 1} times in ${file}`);
  if (isLibrary) luaLibraries[name] = parts.join(fault);
  else luaSteps[name].text = parts.join(fault);
}

// As a setup file of vitest it takes the fault from the environment.
const fault = JSON.parse(process.env.LUA_FAULT ?? '{}');
if (fault.file !== undefined) putLuaFault(fault);
