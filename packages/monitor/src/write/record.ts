import type { Order } from '../call.ts';

/** Leaves a line of what somebody did: who, what, and to what. */
export function record({ logger, visitor }: Order, action: string, what: object): void {
  logger.info({ user: visitor.user, action, what }, 'somebody steered by the monitor');
}
