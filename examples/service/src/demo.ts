import { constants } from 'node:os';

import { ConfigError } from './env.ts';
import { runDemo } from './run-demo.ts';

const limitMs = 60_000;

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (interrupted.signal.aborted) process.exit();
    process.exitCode = 128 + constants.signals[name];
    interrupted.abort();
  });
}

const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(limitMs)]);
try {
  const fine = await runDemo({
    env: process.env,
    output: process.stdout,
    cleanUp: process.argv.includes('--cleanup') || process.env.DEMO_CLEANUP === '1',
    signal,
  });
  process.exitCode = fine ? 0 : 1;
} catch (error) {
  if (!signal.aborted && !(error instanceof ConfigError)) throw error;
  process.exitCode ||= 1;
  process.stderr.write(`\nThe demo ended early: ${whyEarly(error)}.\n`);
}

function whyEarly(error: unknown): string {
  if (interrupted.signal.aborted) return 'it was interrupted, and everything it had started is closed';
  return error instanceof ConfigError ? error.message : `it had not finished after ${limitMs / 1000} s`;
}
