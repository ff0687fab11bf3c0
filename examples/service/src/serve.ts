import type { ServiceConfig } from './config.ts';
import { type LocalWeb, startLocalWeb } from './local-web.ts';
import { accessVariables, whyClosed } from './monitor-config.ts';
import type { Run } from './run.ts';
import { type RunningService, startService } from './service.ts';
import { tellUnused } from './tell-unused.ts';
import { type TryOut, welcome } from './welcome.ts';

/** The roles `all` and `api`: the endpoints, with a worker in the same process or without. @throws ConfigError */
export async function serve(role: 'all' | 'api', run: Run): Promise<void> {
  const { config } = run;
  // With a stand-in of its own the service is being tried out, and there should be something to try it on.
  const web = config.imgur === undefined ? await startLocalWeb() : undefined;
  try {
    await serveWith(web, role, web === undefined ? run : { ...run, config: opened(config, web) });
  } finally {
    await web?.close();
  }
}

function opened(config: ServiceConfig, web: LocalWeb): ServiceConfig {
  return { ...config, sourceAllow: [...config.sourceAllow, web.address] };
}

async function serveWith(web: LocalWeb | undefined, role: 'all' | 'api', run: Run): Promise<void> {
  const { config, logger, stopAsked } = run;
  const inOne = role === 'all';
  const service = await startService(config, logger, { works: inOne, monitored: inOne });
  tellStart(service, web, role, run);
  let asked = false;
  // Only the fleet can have stopped it then.
  void service.uploader.stopped.then(
    () => asked || logger.warn({}, 'the worker was drained; the endpoints go on'),
  );
  const signal = await stopAsked;
  asked = true;
  logger.info({ signal, drainTimeoutMs: config.drainTimeoutMs }, 'stopping: finishing what runs');
  const gone = await service.stop();
  if (gone > 0)
    logger.warn({ uploads: gone }, 'these uploads had no outcome yet and are gone with the memory store');
}

function tellStart(
  { url, monitor, imgur }: RunningService,
  web: LocalWeb | undefined,
  role: 'all' | 'api',
  { config, logger, say }: Run,
): void {
  const store = config.redis === undefined ? 'memory' : 'Redis';
  const facts = { url, role, store: store.toLowerCase(), monitor: monitor?.url, standIn: imgur.standIn?.url };
  logger.info(facts, 'listening');
  tellUnused(config, logger);
  if (role === 'all' && monitor === undefined)
    logger.warn({ variables: accessVariables, reason: whyClosed(config.host) }, 'the monitor is not started');
  const standInUrl = config.imgur?.allowInsecureApiUrl === true ? config.imgur.apiUrl : undefined;
  const ownStandIn = imgur.standIn && { url: imgur.standIn.url, limits: config.standInLimits };
  const target = { ownStandIn, standInUrl };
  const tryOut = web && tryOutOf(web);
  say(welcome({ url, monitorUrl: monitor?.url, store, works: role === 'all', target, tryOut }));
}

function tryOutOf({ indexUrl, pictures }: LocalWeb): TryOut | undefined {
  const [first] = pictures;
  return first && { indexUrl, pictureUrl: first.url, pictures: pictures.length };
}
