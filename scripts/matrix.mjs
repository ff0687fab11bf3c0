// `node scripts/matrix.mjs 22 24 26 -- vitest run` runs one command under several Nodes. Their native
// dependencies are N-API, so one install serves them all.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

import { commandEnv, fail, fetchTool, root, whileLocked } from './toolchain.mjs';

const VERSIONS = { 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' };

if (process.platform !== 'linux')
  fail('the Node matrix is set up for Linux; elsewhere switch Node yourself.');
const cut = process.argv.indexOf('--');
const [command, ...args] = process.argv.slice(cut + 1);
const results = [];

for (const major of process.argv.slice(2, cut)) {
  const version = VERSIONS[major] ?? fail(`there is no Node ${major} in scripts/matrix.mjs`);
  const name = `node-linux-${process.arch}`;
  const folder = await whileLocked(() => fetchTool(`node-${version}`, `${name}@${version}`));
  const path = [
    join(folder, 'node_modules', name, 'bin'),
    join(root, 'node_modules', '.bin'),
    process.env.PATH,
  ];
  console.log(`\n── Node ${version}`);
  const run = spawnSync(command, args, {
    cwd: root,
    env: { ...commandEnv(), PATH: path.join(delimiter) },
    stdio: 'inherit',
  });
  results.push({ version, passed: run.status === 0 });
}

console.log('');
for (const { version, passed } of results) console.log(`Node ${version}: ${passed ? 'passed' : 'FAILED'}`);
process.exit(results.every((result) => result.passed) ? 0 : 1);
