import { createServer } from 'node:http';

import type { Logger, Uploader } from '@imgferry/core';
import { toNodeHandler } from '@imgferry/http-adapter';
import type { MonitorAccess } from '@imgferry/monitor';
import { closeAfter, listen } from './listen.ts';

/** The monitor while it listens. */
export interface RunningMonitor {
  readonly url: string;
  /** Whether everyone who gets there may look, and nobody steer. */
  readonly readOnly: boolean;
  /** Ends it. Pages that are open do not hold that up. */
  close(): Promise<void>;
}

const answerGraceMs = 1_000;

/** Where it listens, and who may use it. */
export interface MonitorPlace {
  readonly host: string;
  readonly port: number;
  readonly access: MonitorAccess;
}

/**
 * Starts the monitor of an uploader.
 * @throws ConfigError when it can not listen there
 */
export async function startMonitor(
  uploader: Uploader,
  { host, port, access }: MonitorPlace,
  logger: Logger,
): Promise<RunningMonitor> {
  // Loaded where it is shown: no worker needs the page.
  const { createMonitor } = await import('@imgferry/monitor');
  const server = createServer(toNodeHandler(createMonitor(uploader, { access, logger }), { logger }));
  const url = await listen(server, host, port, 'MONITOR_PORT');
  const close = (): Promise<void> => closeAfter(server, Promise.resolve(), answerGraceMs);
  return { url, readOnly: 'anonymous' in access, close };
}
