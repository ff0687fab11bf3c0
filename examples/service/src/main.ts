import { constants } from 'node:os';

import { readConfig } from './config.ts';
import { ConfigError, type Env } from './env.ts';
import { startHealth } from './health.ts';
import { createLogger } from './logger.ts';
import { readRole, requireShared } from './role.ts';
import { runRole } from './run-role.ts';

/** sysexits.h: the configuration has to change before it makes sense to start this again. */
const configurationError = 78;
/** What signals a group of processes often signals each of them too: within so long it is the same signal. */
const sameSignalMs = 500;

try {
  process.exitCode = await main(process.argv.slice(2), process.env);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`imgferry can not start: ${error.message}.\n`);
  process.exitCode = configurationError;
}

async function main(args: readonly string[], env: Env): Promise<number> {
  const role = readRole(args);
  const config = readConfig(env);
  requireShared(role, config);
  const logger = createLogger(config.logLevel, (line) => process.stdout.write(line));
  const stopAsked = signalled(['SIGTERM', 'SIGINT']);
  const health = config.healthPort === undefined ? undefined : await startHealth(config.healthPort);
  try {
    await runRole(role, { config, logger, stopAsked, say: (text) => process.stderr.write(text) });
    logger.info({}, 'stopped');
  } finally {
    await health?.close();
  }
  return 0;
}

/** Resolves with the first of these signals. A second one ends the process at once. */
function signalled(names: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    for (const name of names) {
      process.on(name, () => {
        if (askedAt !== undefined && performance.now() - askedAt > sameSignalMs)
          process.exit(128 + constants.signals[name]);
        askedAt ??= performance.now();
        resolve(name);
      });
    }
  });
}
