// Runs the conformance suite on the store that the file in argv exports as `MemoryStore`, as far as the first rule that
// does not hold, and prints its name. Prints nothing when all hold. Started by inject-faults.mjs.
import { pathToFileURL } from 'node:url';

import { testStore } from '../packages/core/src/conformance/index.ts';

const { MemoryStore } = await import(pathToFileURL(process.argv[2]).href);
const tests = [];
let area = '';
let now = 1_700_000_000_000;

testStore({
  describe(name, body) {
    area = name;
    body();
  },
  it(name, body) {
    tests.push({ name: `${area}: ${name}`, body });
  },
  createStore: (options) => new MemoryStore({ ...options, clock: () => now }),
  elapse(ms) {
    now += ms;
  },
});

for (const { name, body } of tests) {
  try {
    await body();
  } catch {
    console.log(name);
    process.exit(0);
  }
}
