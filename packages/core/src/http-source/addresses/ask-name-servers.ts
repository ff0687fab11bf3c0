import { type LookupAddress, Resolver } from 'node:dns';

import type { Resolve } from './guarded-lookup.ts';

/**
 * Makes a resolver that asks the name servers of this machine itself. `dns.lookup` asks in threads, of which Node spares
 * two for names, and one waits ten seconds for a silent name server: two such names would hold up all others. It knows
 * neither the hosts file nor search domains, which no name of the public web needs.
 * @param limitMs What it has found is told before.
 * @param servers Others to ask, as `setServers` of `node:dns` takes them.
 */
export function askNameServers(limitMs: number, servers?: readonly string[]): Resolve {
  return (hostname, _, callback) => {
    // Made anew, so that it knows the servers that the machine has now.
    const resolver = new Resolver({ timeout: Math.ceil(limitMs / 4), tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    // Some servers answer for one family and are silent for the other, so what has come by then has to do.
    const timer = setTimeout(() => resolver.cancel(), limitMs * 0.8);
    void Promise.all([ask(resolver, 4, hostname), ask(resolver, 6, hostname)]).then(([four, six]) => {
      clearTimeout(timer);
      const addresses = [...four.addresses, ...six.addresses];
      callback(addresses.length > 0 ? null : worse(four.error, six.error), addresses);
    });
  };
}

interface Answer {
  readonly addresses: readonly LookupAddress[];
  readonly error: NodeJS.ErrnoException | null;
}

function ask(resolver: Resolver, family: 4 | 6, hostname: string): Promise<Answer> {
  return new Promise((resolve) => {
    const answered = (error: NodeJS.ErrnoException | null, found: readonly string[] = []): void =>
      resolve({ error, addresses: found.map((address) => ({ address, family })) });
    if (family === 4) resolver.resolve4(hostname, answered);
    else resolver.resolve6(hostname, answered);
  });
}

/** That there is no record of one type says nothing while the other could not be had. */
function worse(four: Answer['error'], six: Answer['error']): Answer['error'] {
  return four?.code === 'ENODATA' ? six : four;
}
