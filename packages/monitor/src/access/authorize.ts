import { InvalidOptionError } from '@imgferry/core';
import { Problem } from '../problem.ts';
import type { AuthorizeAccess } from './access.ts';
import type { Gate } from './visitor.ts';

/** Lets in whom the application does. An answer that is none lets nobody in. @throws InvalidOptionError */
export function authorizeGate(authorize: AuthorizeAccess['authorize']): Gate {
  if (typeof authorize !== 'function') throw new InvalidOptionError('access.authorize', 'is not a function');
  return {
    mayRevoke: true,
    asksByBasic: false,
    async enter(request, connection) {
      const answer = await authorize(request, connection);
      if (answer === undefined) throw new Problem('forbidden', 'you may not look at this');
      if (answer === 'read' || answer === 'write') return { role: answer, user: null };
      if (answer instanceof Response) return answer;
      throw new TypeError("access.authorize answered neither 'read', 'write', a Response nor undefined");
    },
  };
}
