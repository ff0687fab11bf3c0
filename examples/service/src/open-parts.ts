import { type Logger, type Store, Uploader, type UploaderOptions } from '@imgferry/core';
import { createHttpSource, type HttpSource, type HttpSourceOptions } from '@imgferry/core/http-source';
import type { ServiceConfig } from './config.ts';
import { type OpenedImgur, openImgur } from './open-imgur.ts';
import { openStore } from './open-store.ts';
import { OutageLog } from './outage-log.ts';

/** What the demo sets otherwise, so that there is more to see. */
export type Tuning = Pick<HttpSourceOptions, 'smallBytes'> & Pick<UploaderOptions, 'progressMs'>;

/** An uploader and what it is made of. */
export interface Parts {
  readonly uploader: Uploader;
  readonly store: Store;
  readonly imgur: OpenedImgur;
  close(): Promise<void>;
}

/**
 * Opens the store, the source and the host, and makes an uploader of them that logs what goes wrong.
 * @throws ConfigError when the store can not be used
 */
export async function openParts(config: ServiceConfig, logger: Logger, tuning: Tuning = {}): Promise<Parts> {
  const store = await openStore(config.redis, logger);
  const imgur = await openImgur(config);
  const { smallBytes, ...pace } = tuning;
  const source = openSource(config, smallBytes);
  const settings = { ...settingsOf(config), ...pace, logger };
  const uploader = new Uploader({ store, source, host: imgur.host, ...settings });
  logTrouble(uploader, logger);
  const outageLog = new OutageLog(uploader, logger);
  const close = async (): Promise<void> => {
    await outageLog.close();
    await store.close();
    await source.close();
    await imgur.close();
  };
  return { uploader, store, imgur, close };
}

function openSource(
  { sourceAllow, sourceTimeoutMs }: ServiceConfig,
  smallBytes: number | undefined,
): HttpSource {
  return createHttpSource({
    allow: sourceAllow,
    ...(smallBytes === undefined ? {} : { smallBytes }),
    ...(sourceTimeoutMs === undefined
      ? {}
      : {
          connectTimeoutMs: sourceTimeoutMs,
          headersTimeoutMs: sourceTimeoutMs,
          idleTimeoutMs: sourceTimeoutMs,
        }),
  });
}

type Settings = Pick<UploaderOptions, 'concurrency' | 'leaseMs' | 'drainTimeoutMs' | 'maxWaiting'>;

function settingsOf({ concurrency, leaseMs, drainTimeoutMs, maxWaiting }: ServiceConfig): Settings {
  return { concurrency, leaseMs, drainTimeoutMs, maxWaiting };
}

function logTrouble(uploader: Uploader, logger: Logger): void {
  uploader.on('upload:failed', ({ jobId, index, url, attempt, failure }) => {
    logger.warn(
      { jobId, index, url, attempt, code: failure.code, reason: failure.message },
      'an upload failed',
    );
  });
  uploader.on('host:paused', (facts) => logger.warn(facts, 'the host takes no more for now'));
  uploader.on('host:resumed', (facts) => logger.info(facts, 'the host takes images again'));
}
