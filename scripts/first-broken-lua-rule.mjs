// Runs the conformance suite on the Redis store with one fault in its Lua, as far as the first rule that does not hold,
// and prints its name. Prints nothing when all hold. Started by inject-lua-faults.mjs with the fault as JSON and the
// address of a Redis.
import { randomUUID } from 'node:crypto';

import { testStore } from '../packages/core/src/conformance/index.ts';
import { RedisStore } from '../packages/redis-store/src/index.ts';
import { MovedClock, moveClockByHand } from '../packages/redis-store/test/moved-clock.ts';
import { putLuaFault } from './put-lua-fault.mjs';

const [fault, url] = [JSON.parse(process.argv[2]), process.argv[3]];
if (fault.file !== undefined) putLuaFault(fault);
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
