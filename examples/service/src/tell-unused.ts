import type { Logger } from '@imgferry/core';
import type { ServiceConfig } from './config.ts';

/** Logs which variables are set and have nothing to act on. */
export function tellUnused({ unused }: ServiceConfig, logger: Logger): void {
  if (unused.length > 0) logger.warn({ variables: unused }, 'these variables have nothing to act on here');
}
