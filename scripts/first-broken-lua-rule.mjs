// Runs the conformance suite on the Redis store with one fault in its Lua, as far as the first rule that does not hold,
// and prints its name. Prints nothing when all hold. Started by inject-lua-faults.mjs with the fault as JSON and the
// address of a Redis.
import { randomUUID } from 'node:crypto';

import { testStore } from '../packages/core/src/conformance/index.ts';
import { RedisStore } from '../packages/redis-store/src/index.ts';
import { luaLibraries, luaSteps } from '../packages/redis-store/src/lua-sources.ts';
import { MovedClock, moveClockByHand } from '../packages/redis-store/test/moved-clock.ts';

const [fault, url] = [JSON.parse(process.argv[2]), process.argv[3]];
if (fault.file !== undefined) inject(fault);
moveClockByHand();

const tests = [];
let area = '';
let clock;

testStore({
  describe(name, body) {
    area = name;
    body();
  },
  it(name, body) {
    tests.push({ name: `${area}: ${name}`, body });
  },
  async createStore(options) {
    clock?.close();
    const namespace = `fault-${randomUUID()}`;
    clock = await new MovedClock(url, namespace).begin();
    return new RedisStore({ ...options, url, namespace });
  },
  elapse: (ms) => clock.elapse(ms),
});

for (const { name, body } of tests) {
  try {
    await body();
  } catch {
    console.log(name);
    break;
  }
}
process.exit(0);

function inject({ file, text, fault: replacement }) {
  const name = /([^/]+)\.lua$/.exec(file)[1];
  const isLibrary = file.startsWith('lib/');
  const parts = (isLibrary ? luaLibraries[name] : luaSteps[name].text).split(text);
  if (parts.length !== 2) throw new Error(`its text stands ${parts.length - 1} times in ${file}`);
  if (isLibrary) luaLibraries[name] = parts.join(replacement);
  else luaSteps[name].text = parts.join(replacement);
}
