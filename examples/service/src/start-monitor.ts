import { createServer } from 'node:http';

import type { Logger, Uploader } from '@imgferry/core';
import { toNodeHandler } from '@imgferry/http-adapter';
import type { MonitorAccess, MonitorOptions } from '@imgferry/monitor';
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
  readonly clientHeader: string | undefined;
}

/**
 * Starts the monitor of an uploader.
 * @throws ConfigError when it can not listen there
 */
export async function startMonitor(
  uploader: Uploader,
  { host, port, access, clientHeader }: MonitorPlace,
  logger: Logger,
): Promise<RunningMonitor> {
  // Loaded where it is shown: no worker needs the page.
  const { createMonitor } = await import('@imgferry/monitor');
  const naming = clientHeader === undefined ? {} : { clientOf: clientNamedBy(clientHeader) };
  const stopping = new AbortController();
  const handler = createMonitor(uploader, { access, logger, signal: stopping.signal, ...naming });
  const server = createServer(toNodeHandler(handler, { logger }));
  const url = await listen(server, host, port, 'MONITOR_PORT');
  return {
    url,
    readOnly: 'anonymous' in access,
    close() {
      stopping.abort();
      return closeAfter(server, Promise.resolve(), answerGraceMs);
    },
  };
}

/** What comes by no proxy has no such header, and is then counted by its address. */
function clientNamedBy(header: string): NonNullable<MonitorOptions['clientOf']> {
  return ({ headers }, { remoteAddress }) => headers.get(header) ?? remoteAddress;
}
