import { createServer } from 'node:http';

import type { Logger, Uploader } from '@imgferry/core';
import { toNodeHandler } from '@imgferry/http-adapter';
import type { ServiceConfig } from './config.ts';
import { ConfigError } from './env.ts';
import { closeAfter, listen } from './listen.ts';
import { accessVariables, type MonitorAccess } from './monitor-config.ts';

/** The monitor while it listens. */
export interface RunningMonitor {
  readonly url: string;
  /** Whether everyone who gets there may look, and nobody steer. */
  readonly readOnly: boolean;
  /** Ends it. Pages that are open do not hold that up. */
  close(): Promise<void>;
}

const answerGraceMs = 1_000;

/**
 * Starts the monitor of an uploader on HOST and MONITOR_PORT.
 * @throws ConfigError when it would be open to everyone, or can not listen there
 */
export async function startMonitor(
  uploader: Uploader,
  { host, monitor }: ServiceConfig,
  logger: Logger,
): Promise<RunningMonitor> {
  const { port, access } = monitor;
  if (access === undefined) throw new ConfigError(whyClosed(host));
  // Loaded where it is shown: no worker needs the page.
  const { createMonitor } = await import('@imgferry/monitor');
  const server = createServer(toNodeHandler(createMonitor(uploader, { access, logger }), { logger }));
  const url = await listen(server, host, port, 'MONITOR_PORT');
  const close = (): Promise<void> => closeAfter(server, Promise.resolve(), answerGraceMs);
  return { url, readOnly: isReadOnly(access), close };
}

/** Why there is no monitor on an address that others reach, as a sentence about the variables. */
export function whyClosed(host: string): string {
  const [user, password, anonymous] = accessVariables;
  return `the monitor would be open to everyone who reaches HOST ${JSON.stringify(host)}; set ${user} and ${password}, or ${anonymous}=read, with which everyone may look and nobody steer, or HOST to 127.0.0.1`;
}

function isReadOnly(access: MonitorAccess): boolean {
  return 'anonymous' in access;
}
