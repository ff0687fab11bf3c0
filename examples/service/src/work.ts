import { openParts } from './open-parts.ts';
import type { Run } from './run.ts';
import { tellUnused } from './tell-unused.ts';

/**
 * The role `worker`: works on the jobs of the fleet until a signal comes, or the fleet tells it to drain.
 * @throws ConfigError
 */
export async function work({ config, logger, stopAsked, say }: Run): Promise<void> {
  const { concurrency, drainTimeoutMs, redis } = config;
  const { uploader, close } = await openParts(config, logger);
  uploader.start();
  logger.info({ role: 'worker', namespace: redis?.namespace, concurrency }, 'working');
  tellUnused(config, logger);
  say(`\nimgferry works on jobs, ${concurrency} uploads at once.\n\n${howToStop}\n\n`);
  const signal = await Promise.race([stopAsked, uploader.stopped]);
  if (signal === undefined) logger.info({}, 'drained, as the fleet was told');
  else logger.info({ signal, drainTimeoutMs }, 'stopping: finishing what runs');
  await uploader.stop();
  await close();
}

const howToStop = 'Ctrl-C stops it; uploads that run are finished first.';
