import { checkOptionNames, InvalidOptionError } from '@imgferry/core';
import type { Connection } from '../client.ts';
import { anonymousGate } from './anonymous.ts';
import { authorizeGate } from './authorize.ts';
import { loopbackGate } from './loopback.ts';
import { type Counting, type MonitorUser, usersGate } from './users.ts';
import type { Gate, Role, Visitor } from './visitor.ts';

/** Who may look, and who may steer. One of four, and never left out. */
export type MonitorAccess = LoopbackAccess | UsersAccess | AuthorizeAccess | AnonymousAccess;

/** Whoever is on this machine, who may do everything. The server has to tell where a request is from ({@link Connection}). */
export interface LoopbackAccess {
  /** The address that the server listens on: one of 127.0.0.0/8, `::1`, or `localhost`. Any other is refused. */
  readonly loopback: string;
}

/** Users with passwords, by HTTP Basic (RFC 7617). Over a network that is not yours it needs TLS in front of it. */
export interface UsersAccess {
  readonly users: readonly MonitorUser[];
}

/** Whom the application lets in. */
export interface AuthorizeAccess {
  /**
   * Asked before every request, and again every minute while a stream is open. Answers the role, or the role and the
   * name of the user, which stands in the log beside what they did; the response that is sent instead as it is (a 401, a
   * login), at most made one that nobody keeps; or nothing, which is a 403. The body is not to be read.
   */
  readonly authorize: (request: Request, connection: Connection) => Authorization | Promise<Authorization>;
}

/** What `authorize` may answer. */
export type Authorization = Role | Visitor | Response | null | undefined;

/** Everyone may look, and nobody may steer. */
export interface AnonymousAccess {
  readonly anonymous: 'read';
  /**
   * The names by which it is asked for, as they stand in the URL, without a port. Any other is refused, so that no page
   * of another site reads here by a name of its own (DNS rebinding). Addresses and `localhost` need none. @default []
   */
  readonly hostNames?: readonly string[];
}

const names = { loopback: true, users: true, authorize: true, anonymous: true, hostNames: true } as const;
const choices = "{ loopback: '127.0.0.1' }, { users: […] }, { authorize } or { anonymous: 'read' }";

/** Makes the gate that was chosen. @throws InvalidOptionError */
export function gateOf(access: MonitorAccess, counting: Counting): Gate {
  const chosen = typeof access === 'object' && access !== null ? access : {};
  checkOptionNames<Readonly<Partial<Record<keyof typeof names, unknown>>>>(chosen, names, 'access');
  const { hostNames, ...choice } = chosen as Partial<AnonymousAccess>;
  if (hostNames !== undefined && !('anonymous' in chosen))
    throw new InvalidOptionError('access.hostNames', 'goes with anonymous and nothing else');
  if (Object.keys(choice).length === 1) {
    if ('loopback' in access) return loopbackGate(access.loopback);
    if ('users' in access) return usersGate(access.users, counting);
    if ('authorize' in access) return authorizeGate(access.authorize);
    if ('anonymous' in access) return anonymousGate(access);
  }
  throw new InvalidOptionError('access', `must say who may look and who may steer, by one of ${choices}`);
}
