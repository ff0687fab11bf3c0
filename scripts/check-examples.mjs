// Runs every example as its reader would: its `demo` script where `start` is a server, else its `start`.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIMIT_MS = 120_000;
const examples = join(dirname(dirname(fileURLToPath(import.meta.url))), 'examples');

for (const name of readdirSync(examples)) {
  const folder = join(examples, name);
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const script = scripts.demo ? 'demo' : 'start';
  console.log(`\nexamples/${name}: ${script}`);
  const run = spawnSync('pnpm', ['run', '--silent', script], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: LIMIT_MS,
    shell: process.platform === 'win32',
  });
  if (run.status === 0) continue;
  const ending =
    run.error?.code === 'ETIMEDOUT' ? `did not end in ${LIMIT_MS} ms` : `ended with ${run.status}`;
  console.error(`examples/${name}: ${script} ${ending}`);
  process.exit(1);
}
