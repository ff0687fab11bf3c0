import { type Host, type Logger, type Source, Uploader } from '@imgferry/core';
import type { ServiceConfig } from './config.ts';
import { requireAccess } from './monitor-config.ts';
import { openStore } from './open-store.ts';
import { OutageLog } from './outage-log.ts';
import type { Run } from './run.ts';
import { startMonitor } from './start-monitor.ts';

/** The role `monitor`: shows the fleet that shares a Redis, and steers it. It uploads nothing. @throws ConfigError */
export async function monitor({ config, logger, stopAsked, say }: Run): Promise<void> {
  const place = { ...config.monitor, host: config.host, access: requireAccess(config) };
  const { uploader, close } = await openUploader(config, logger);
  try {
    const { url, readOnly, close: closeMonitor } = await startMonitor(uploader, place, logger);
    logger.info({ url, role: 'monitor', namespace: config.redis?.namespace, readOnly }, 'listening');
    say(`\nThe monitor of imgferry listens on ${url}.${readOnly ? ' Everyone may look, nobody steer.' : ''}`);
    say('\n\nCtrl-C stops it.\n\n');
    const signal = await stopAsked;
    logger.info({ signal }, 'stopping');
    await closeMonitor();
  } finally {
    await close();
  }
}

/** An uploader that is never started: it reads the store and steers by it, and so needs no credentials. */
async function openUploader(
  { redis, maxWaiting }: ServiceConfig,
  logger: Logger,
): Promise<{ readonly uploader: Uploader; close(): Promise<void> }> {
  const store = await openStore(redis, logger);
  const uploader = new Uploader({ store, source: noSource, host: noHost, maxWaiting, logger });
  const outageLog = new OutageLog(uploader, logger);
  const close = async (): Promise<void> => {
    await outageLog.close();
    await store.close();
  };
  return { uploader, close };
}

const noSource: Source = { open: () => Promise.reject(new Error('a monitor reads no image')) };

const noHost: Host = {
  name: 'imgur',
  limits: { maxBytes: {} },
  upload: () => Promise.reject(new Error('a monitor uploads nothing')),
};
