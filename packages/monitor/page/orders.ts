import type { WorkerView } from '../src/views/index.ts';
import { counted, duration } from './format.ts';

/** What a worker was told from here. It hears that with one beat, and reports with the next that it obeys. */
export type Order =
  | { readonly to: 'pause' | 'resume' | 'drain' }
  | { readonly to: 'resize'; readonly slots: number };

/** As much of a worker as shows whether it obeys. */
type Reported = Pick<WorkerView, 'state' | 'slots'>;

/** Whether it does, by what it reports. */
export function isObeyed(order: Order, { state, slots }: Reported): boolean {
  switch (order.to) {
    case 'pause':
      return state !== 'online';
    case 'resume':
      return state !== 'paused';
    case 'drain':
      return state === 'draining' || state === 'offline';
    case 'resize':
      return slots === order.slots;
  }
}

/** `told to pause`, for as long as nothing of it is to be seen. */
export function orderWords(order: Order): string {
  return order.to === 'resize' ? `told to take ${counted(order.slots, 'slot')}` : `told to ${order.to}`;
}

/** What is said once it is told. `beatMs` is undefined where nobody knows it. */
export function toldWords(order: Order, beatMs: number | undefined): string {
  const within = beatMs === undefined ? '' : `, within about ${duration(2 * beatMs)}`;
  return `The worker is ${orderWords(order)}. It does so with its next beats${within}.`;
}

/** What a drain does. `withinMs` is for how long it lets run what runs; undefined where nobody knows it. */
export function drainWords(running: number, withinMs: number | undefined): string {
  if (running === 0) return 'It takes no more uploads, and then';
  const goesOn = `It takes no more uploads and goes on with the ${counted(running, 'upload')} it has`;
  if (withinMs === 0)
    return `It takes no more uploads, hands back the ${counted(running, 'upload')} it has, and then`;
  const forLong = withinMs === undefined ? 'for a while' : `for up to ${duration(withinMs)}`;
  return `${goesOn} ${forLong}. What has not finished by then it hands back, for another worker, and then`;
}
