import { InvalidOptionError } from '@imgferry/core';
import { Problem } from '../problem.ts';
import type { AnonymousAccess } from './access.ts';
import { cannotBeRebound, hostNameOf, readHostName } from './host-name.ts';
import type { Gate, Visitor } from './visitor.ts';

/**
 * Lets everyone look who asks for this host by a name of ours. A page of anybody's may turn its own name to our address
 * (DNS rebinding): it is then of our origin for the browser, behind whatever keeps others away. Its name tells it.
 * @throws InvalidOptionError
 */
export function anonymousGate({ anonymous: role, hostNames = [] }: AnonymousAccess): Gate {
  if (role !== 'read')
    throw new InvalidOptionError('access.anonymous', "must be 'read': nobody steers without a name");
  const ours = new Set(checked(hostNames));
  const visitor: Visitor = { role, user: null };
  return {
    mayRevoke: false,
    asksByBasic: false,
    async enter(request) {
      const name = hostNameOf(request);
      if (cannotBeRebound(name) || ours.has(name)) return visitor;
      throw new Problem(
        'forbidden',
        'the Host header has a name that is not one of hostNames, which the option access of the monitor lists',
      );
    },
  };
}

/** The names as a URL has them. */
function checked(hostNames: readonly string[]): readonly string[] {
  if (!Array.isArray(hostNames)) throw new InvalidOptionError('access.hostNames', 'must be a list of names');
  return hostNames.map((each: unknown, at) => {
    const name = typeof each === 'string' && !/[:[\]]/.test(each) ? readHostName(each) : '';
    if (name !== '') return name;
    throw new InvalidOptionError(
      `access.hostNames[${at}]`,
      'must be a name as it stands in a URL, such as monitor.example, without a port',
    );
  });
}
