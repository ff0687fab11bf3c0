import { InvalidOptionError } from '@imgferry/core';
import type { Gate, Visitor } from './visitor.ts';

/** Lets everyone look. @throws InvalidOptionError */
export function anonymousGate(role: 'read'): Gate {
  if (role !== 'read')
    throw new InvalidOptionError('access.anonymous', "must be 'read': nobody steers without a name");
  const visitor: Visitor = { role, user: null };
  return { mayRevoke: false, asksByBasic: false, enter: async () => visitor };
}
