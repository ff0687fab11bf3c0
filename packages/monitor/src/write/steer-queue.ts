import type { PauseTarget } from '@imgferry/core';
import { type Order, record, type Write } from '../call.ts';
import { pausedView } from '../read/paused.ts';
import type { PausedAnswer } from '../views/index.ts';

/** Hands out nothing more at all, until it is resumed. */
export const pauseQueue: Write = (order) => steer(order, 'pause', 'queue');
export const resumeQueue: Write = (order) => steer(order, 'resume', 'queue');

/** Hands out nothing more of what goes to a host, until it is resumed. */
export const pauseHost: Write = (order) => steer(order, 'pause', { host: order.name });
export const resumeHost: Write = (order) => steer(order, 'resume', { host: order.name });

async function steer(order: Order, step: 'pause' | 'resume', what: PauseTarget): Promise<PausedAnswer> {
  await order.uploader[step](what);
  record(order, step, what === 'queue' ? { queue: true } : { host: order.shown.text(order.name) });
  return { paused: pausedView(await order.uploader.stats(), order.shown) };
}
