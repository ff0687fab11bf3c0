import { createServer } from 'node:http';

import type { Logger, Uploader } from '@imgferry/core';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import type { ServiceConfig } from './config.ts';
import { closeAfter, listen } from './listen.ts';
import type { OpenedImgur } from './open-imgur.ts';
import { openParts, type Parts, type Tuning } from './open-parts.ts';
import { type RunningMonitor, startMonitor } from './start-monitor.ts';

/** The endpoints while they run, with a worker beside them or without. */
export interface RunningService {
  /** Where its endpoints are. */
  readonly url: string;
  readonly uploader: Uploader;
  /** `undefined`: there is none. */
  readonly monitor: RunningMonitor | undefined;
  readonly imgur: OpenedImgur;
  /**
   * Takes no more work, finishes what runs or hands it back by the deadline of the configuration, and closes
   * everything. Answers how many uploads are gone with the process: those without an outcome in a memory store.
   */
  stop(): Promise<number>;
}

/** What the service is besides its configuration. */
export interface ServiceOptions extends Tuning {
  /** Whether it works on jobs too. @default true */
  readonly works?: boolean;
  /** Whether the monitor is shown too, where it may be. @default false */
  readonly monitored?: boolean;
}

/**
 * Starts the endpoints, and a worker in the same process if it is to work.
 * @throws ConfigError when it can not listen where it should, or the store can not be used
 */
export async function startService(
  config: ServiceConfig,
  logger: Logger,
  { works = true, monitored = false, ...tuning }: ServiceOptions = {},
): Promise<RunningService> {
  const parts = await openParts(config, logger, tuning);
  const { uploader, imgur } = parts;
  const { host, port } = config;
  const { access } = config.monitor;
  let monitor: RunningMonitor | undefined;
  try {
    if (monitored && access !== undefined)
      monitor = await startMonitor(uploader, { ...config.monitor, host, access }, logger);
    const server = createServer(toNodeHandler(createFetchHandler(uploader, { logger }), { logger }));
    const url = await listen(server, host, port);
    if (works) uploader.start();
    const stopAll = async (): Promise<number> => {
      const worked = works ? uploader.stop() : Promise.resolve();
      // Until then one may want to watch.
      const watched = worked.then(() => monitor?.close());
      await Promise.all([closeAfter(server, worked, answerGraceMs), watched]);
      const gone = config.redis === undefined ? await unsettled(parts) : 0;
      await parts.close();
      return gone;
    };
    let stopped: Promise<number> | undefined;
    return { url, uploader, monitor, imgur, stop: () => (stopped ??= stopAll()) };
  } catch (error) {
    await monitor?.close();
    await parts.close();
    throw error;
  }
}

const answerGraceMs = 1_000;

async function unsettled({ store }: Parts): Promise<number> {
  const { queue } = await store.stats();
  return queue.waiting + queue.claimed;
}
