import { createServer, type Server } from 'node:http';

import type { Logger, Uploader } from '@imgferry/core';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import type { ServiceConfig } from './config.ts';
import { closeAfter, listen } from './listen.ts';
import type { OpenedImgur } from './open-imgur.ts';
import { openParts, type Parts, type Tuning } from './open-parts.ts';

/** The endpoints while they run, with a worker beside them or without. */
export interface RunningService {
  /** Where its endpoints are. */
  readonly url: string;
  readonly uploader: Uploader;
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
}

/**
 * Starts the endpoints, and a worker in the same process if it is to work.
 * @throws ConfigError when it can not listen where it should, or the store can not be used
 */
export async function startService(
  config: ServiceConfig,
  logger: Logger,
  { works = true, ...tuning }: ServiceOptions = {},
): Promise<RunningService> {
  const parts = await openParts(config, logger, tuning);
  const { uploader, imgur } = parts;
  try {
    const server = createServer(toNodeHandler(createFetchHandler(uploader, { logger }), { logger }));
    const url = await listen(server, config.host, config.port);
    if (works) uploader.start();
    const endWork = (): Promise<void> => (works ? uploader.stop() : Promise.resolve());
    let stopped: Promise<number> | undefined;
    return { url, uploader, imgur, stop: () => (stopped ??= stopAll(server, endWork, parts, config)) };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

const answerGraceMs = 1_000;

async function stopAll(
  server: Server,
  endWork: () => Promise<void>,
  parts: Parts,
  config: ServiceConfig,
): Promise<number> {
  await closeAfter(server, endWork(), answerGraceMs);
  const gone = config.redis === undefined ? await unsettled(parts) : 0;
  await parts.close();
  return gone;
}

async function unsettled({ store }: Parts): Promise<number> {
  const { queue } = await store.stats();
  return queue.waiting + queue.claimed;
}
