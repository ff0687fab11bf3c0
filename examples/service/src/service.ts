import { createServer, type Server } from 'node:http';

import { type Logger, Uploader, type UploaderOptions } from '@imgferry/core';
import { createHttpSource, type HttpSource, type HttpSourceOptions } from '@imgferry/core/http-source';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import type { ServiceConfig } from './config.ts';
import { closeAfter, listen } from './listen.ts';
import { type OpenedImgur, openImgur } from './open-imgur.ts';

/** The service while it runs. */
export interface RunningService {
  /** Where its endpoints are. */
  readonly url: string;
  readonly uploader: Uploader;
  readonly imgur: OpenedImgur;
  /**
   * Takes no more work, finishes what runs or hands it back by the deadline of the configuration, and closes
   * everything. Answers how many uploads have no outcome; with a memory store these are gone.
   */
  stop(): Promise<number>;
}

/** What the demo sets otherwise, so that there is more to see. */
export type Tuning = Pick<HttpSourceOptions, 'smallBytes'> & Pick<UploaderOptions, 'progressMs'>;

/**
 * Starts endpoints and workers in one process, with the jobs in memory.
 * @throws ConfigError when it can not listen where it should
 */
export async function startService(
  config: ServiceConfig,
  logger: Logger,
  tuning: Tuning = {},
): Promise<RunningService> {
  const parts = await openParts(config, tuning);
  try {
    const uploader = createUploader(parts, { ...optionsOf(config), ...tuning, logger });
    const server = createServer(toNodeHandler(createFetchHandler(uploader, { logger }), { logger }));
    const url = await listen(server, config.host, config.port);
    uploader.start();
    let stopped: Promise<number> | undefined;
    const stop = (): Promise<number> => (stopped ??= stopAll(server, uploader, parts, config));
    return { url, uploader, imgur: parts.imgur, stop };
  } catch (error) {
    await closeParts(parts);
    throw error;
  }
}

interface Parts {
  readonly imgur: OpenedImgur;
  readonly source: HttpSource;
  readonly store: MemoryStore;
}

async function openParts(config: ServiceConfig, { smallBytes }: Tuning): Promise<Parts> {
  return {
    imgur: await openImgur(config.imgur),
    source: createHttpSource({
      ...sourceOptions(config),
      ...(smallBytes === undefined ? {} : { smallBytes }),
    }),
    store: new MemoryStore(),
  };
}

function sourceOptions({ sourceAllow, sourceTimeoutMs }: ServiceConfig): HttpSourceOptions {
  if (sourceTimeoutMs === undefined) return { allow: sourceAllow };
  return {
    allow: sourceAllow,
    connectTimeoutMs: sourceTimeoutMs,
    headersTimeoutMs: sourceTimeoutMs,
    idleTimeoutMs: sourceTimeoutMs,
  };
}

type Settings = Omit<UploaderOptions, 'store' | 'source' | 'host' | 'logger'>;

function optionsOf({ concurrency, leaseMs, drainTimeoutMs, maxWaiting }: ServiceConfig): Settings {
  return { concurrency, leaseMs, drainTimeoutMs, maxWaiting };
}

function createUploader(parts: Parts, settings: Settings & { readonly logger: Logger }): Uploader {
  const { store, source, imgur } = parts;
  const { logger } = settings;
  const uploader = new Uploader({ store, source, host: imgur.host, ...settings });
  uploader.on('upload:failed', ({ jobId, index, url, attempt, failure }) => {
    logger.warn(
      { jobId, index, url, attempt, code: failure.code, reason: failure.message },
      'an upload failed',
    );
  });
  uploader.on('host:paused', (facts) => logger.warn(facts, 'the host takes no more for now'));
  uploader.on('host:resumed', (facts) => logger.info(facts, 'the host takes images again'));
  return uploader;
}

const answerGraceMs = 1_000;

async function stopAll(
  server: Server,
  uploader: Uploader,
  parts: Parts,
  config: ServiceConfig,
): Promise<number> {
  await closeAfter(server, uploader.stop({ timeoutMs: config.drainTimeoutMs }), answerGraceMs);
  const { queue } = await parts.store.stats();
  await closeParts(parts);
  return queue.waiting + queue.claimed;
}

async function closeParts({ imgur, source, store }: Parts): Promise<void> {
  await store.close();
  await source.close();
  await imgur.close();
}
