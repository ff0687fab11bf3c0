import { constants } from 'node:os';

import type { Logger } from '@imgferry/core';
import { ConfigError, type Env, readConfig, type ServiceConfig } from './config.ts';
import { type LocalWeb, startLocalWeb } from './local-web.ts';
import { createLogger } from './logger.ts';
import { requireRoleAll } from './role.ts';
import { type RunningService, startService } from './service.ts';
import { welcome } from './welcome.ts';

/** sysexits.h: the configuration has to change before it makes sense to start this again. */
const configurationError = 78;

try {
  process.exitCode = await main(process.argv.slice(2), process.env);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`imgferry can not start: ${error.message}.\n`);
  process.exitCode = configurationError;
}

async function main(args: readonly string[], env: Env): Promise<number> {
  requireRoleAll(args);
  const config = readConfig(env);
  const logger = createLogger(config.logLevel, (line) => process.stdout.write(line));
  // With the stand-in the service is being tried out, and there should be something to try it on.
  const web = config.imgur === undefined ? await startLocalWeb() : undefined;
  try {
    await serve(web === undefined ? config : opened(config, web), logger, web);
  } finally {
    await web?.close();
  }
  return 0;
}

function opened(config: ServiceConfig, web: LocalWeb): ServiceConfig {
  return { ...config, sourceAllow: [...config.sourceAllow, web.address] };
}

async function serve(config: ServiceConfig, logger: Logger, web: LocalWeb | undefined): Promise<void> {
  const stopAsked = signalled(['SIGTERM', 'SIGINT']);
  const service = await startService(config, logger);
  tellStart(service, config, logger, web);
  const signal = await stopAsked;
  logger.info({ signal, drainTimeoutMs: config.drainTimeoutMs }, 'stopping: finishing what runs');
  const lost = await service.stop();
  if (lost > 0)
    logger.warn({ uploads: lost }, 'these uploads had no outcome yet and are gone with the memory store');
  logger.info({}, 'stopped');
}

function tellStart(
  service: RunningService,
  config: ServiceConfig,
  logger: Logger,
  web: LocalWeb | undefined,
): void {
  const { url, imgur } = service;
  logger.info({ url, role: 'all', store: 'memory', standIn: imgur.standIn?.url }, 'listening');
  if (config.unused.length > 0)
    logger.warn({ variables: config.unused }, 'these variables have nothing to act on in this version');
  process.stderr.write(welcome({ url, standInUrl: imgur.standIn?.url, pictureUrl: web?.pictures[0]?.url }));
}

/** Resolves with the first of these signals. A second one ends the process at once. */
function signalled(names: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    for (const name of names) {
      process.on(name, () => {
        if (asked) process.exit(128 + constants.signals[name]);
        asked = true;
        resolve(name);
      });
    }
  });
}
