import { foreignText, InvalidOptionError } from '@imgferry/core';
import { Problem } from '../problem.ts';
import type { AuthorizeAccess } from './access.ts';
import type { Gate, Role, Visitor } from './visitor.ts';

/** It stands in each line of the log that says what somebody did. */
const longestName = 100;

/** Lets in whom the application does. An answer that is none lets nobody in. @throws InvalidOptionError */
export function authorizeGate(authorize: AuthorizeAccess['authorize']): Gate {
  if (typeof authorize !== 'function') throw new InvalidOptionError('access.authorize', 'is not a function');
  return {
    mayRevoke: true,
    asksByBasic: false,
    async enter(request, connection) {
      const answer = await authorize(request, connection);
      if (answer === undefined || answer === null) throw new Problem('forbidden', 'you may not look at this');
      return answer instanceof Response ? answer : visitorOf(answer);
    },
  };
}

function visitorOf(answer: Role | Visitor): Visitor {
  const { role, user } = typeof answer === 'string' ? { role: answer, user: null } : answer;
  if ((role === 'read' || role === 'write') && (user === null || typeof user === 'string'))
    return { role, user: user && foreignText(user, longestName) };
  throw new TypeError(
    "access.authorize answered neither 'read', 'write', { role, user }, a Response nor undefined",
  );
}
