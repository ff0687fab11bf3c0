import { InvalidOptionError } from './errors.ts';
import type { WorkerCommand } from './fleet.ts';
import { maxSlots, whole } from './options.ts';

/** Who a command is for: one worker by its `workerId`, or all that are there. */
export type CommandTarget = { readonly workerId: string } | 'all';

/**
 * Refuses what no worker could obey, where it was given and not at the worker.
 * @throws InvalidOptionError
 */
export function checkCommand(target: CommandTarget, command: WorkerCommand): WorkerCommand {
  if (target !== 'all' && typeof target?.workerId !== 'string')
    throw new InvalidOptionError('target', 'is neither all nor a worker; it must be "all" or { workerId }');
  switch (command?.type) {
    case 'pause':
    case 'resume':
    case 'drain':
      return { type: command.type };
    case 'resize':
      return { type: 'resize', slots: whole('slots', command.slots, 1, maxSlots) };
    default:
      throw new InvalidOptionError('command', 'is unknown; it must be pause, resume, resize or drain');
  }
}
