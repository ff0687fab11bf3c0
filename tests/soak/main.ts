// `npm run soak -- --minutes 10 --seed 1`: the service as processes, under load and random faults.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runSoak } from './run-soak.ts';
import { readOptions, type SoakOptions } from './soak-options.ts';
import { runFolder } from './world.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (interrupted.signal.aborted) process.exit(130);
    process.stderr.write('\nstopping; once more stops at once\n');
    interrupted.abort();
  });
}

process.exitCode = await main();

async function main(): Promise<number> {
  let options: SoakOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const folder = runFolder(root, options.seed);
  process.stderr.write(`soak with seed ${options.seed}; what happens is written to ${folder}\n`);
  try {
    const { report, violations } = await runSoak(options, folder, process.stderr, interrupted.signal);
    process.stdout.write(`\n${report}\n`);
    return violations.length === 0 ? 0 : 1;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.stderr.write('it was interrupted, and everything that it had started is ended\n');
    return 130;
  }
}
