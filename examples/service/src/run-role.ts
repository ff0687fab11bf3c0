import { monitor } from './monitor.ts';
import type { Role } from './role.ts';
import type { Run } from './run.ts';
import { serve } from './serve.ts';
import { standIn } from './stand-in.ts';
import { work } from './work.ts';

/**
 * Does what a role is for, until it is asked to stop and has done so.
 * @throws ConfigError
 */
export function runRole(role: Role, run: Run): Promise<void> {
  if (role === 'worker') return work(run);
  if (role === 'monitor') return monitor(run);
  if (role === 'stand-in') return standIn(run);
  return serve(role, run);
}
