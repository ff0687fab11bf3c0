import type { Logger } from '@imgferry/core';
import type { Visitor } from './access/visitor.ts';
import type { Connection } from './client.ts';
import type { Live } from './live/live.ts';
import type { MonitoredUploader } from './monitored-uploader.ts';
import type { ResolvedOptions } from './options.ts';
import type { Readings } from './read/readings.ts';
import type { Waiter } from './read/turns.ts';
import type { Shown } from './shown.ts';

/** What a read is given. It knows nothing of who asks, so that one answer does for all. */
export interface Look {
  readonly uploader: MonitoredUploader;
  /** What all who look share. */
  readonly readings: Readings;
  readonly shown: Shown;
  /** What the path names, decoded: a job, a worker or a host. Empty where it names none. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** Until when the answer is wanted. */
  readonly waiter: Waiter;
}

/** Reads something as JSON can have it. What it throws becomes a problem. */
export type Read = (look: Look) => Promise<unknown>;

/** What a write is given. */
export interface Order extends Look {
  readonly request: Request;
  readonly visitor: Visitor;
  readonly logger: Logger;
}

/**
 * Leaves a line of what somebody did: who, what, and to what. A warning, for it is rare and has to be found: without a logger
 * of its own the application sees no line below that.
 */
export function record({ logger, visitor }: Order, action: string, what: object): void {
  logger.warn({ user: visitor.user, action, what }, 'somebody did this by the monitor');
}

/** Changes something and answers how it is by then. What it throws becomes a problem. */
export type Write = (order: Order) => Promise<unknown>;

/** What an endpoint is given that writes its answer itself. */
export interface Call extends Order {
  readonly connection: Connection;
  readonly options: ResolvedOptions;
  readonly live: Live;
}

/** Answers a GET. What it throws becomes a problem. */
export type Serve = (call: Call) => Promise<Response>;
