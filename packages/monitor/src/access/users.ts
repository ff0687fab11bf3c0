import { createHash, timingSafeEqual } from 'node:crypto';

import { checkOptionNames, InvalidOptionError } from '@imgferry/core';
import type { ClientOf } from '../client.ts';
import type { Connection } from '../connection.ts';
import type { ResolvedOptions } from '../options.ts';
import { Problem } from '../problem.ts';
import { Attempts } from './attempts.ts';
import type { Gate, Role, Visitor } from './visitor.ts';

/** Somebody with a password. */
export interface MonitorUser {
  /** Without a colon. */
  readonly user: string;
  /** At least 8 characters. Only a digest of it is kept. */
  readonly password: string;
  /** @default 'write' */
  readonly role?: Role;
}

const leastPasswordLength = 8;

/** Lets in who has a password. @throws InvalidOptionError */
export function usersGate(users: readonly MonitorUser[], counting: Counting): Gate {
  const gate = new UsersGate(checked(users), counting);
  return {
    mayRevoke: false,
    asksByBasic: true,
    enter: async (request, connection) => gate.enter(request, connection),
  };
}

/** How wrong passwords are counted, and who is told of many. */
export type Counting = Pick<ResolvedOptions, 'clientOf' | 'logger'>;

interface KnownUser extends Visitor {
  readonly digest: Uint8Array;
}

class UsersGate {
  readonly #users: readonly KnownUser[];
  readonly #clientOf: ClientOf;
  readonly #attempts: Attempts;

  constructor(users: readonly MonitorUser[], { clientOf, logger }: Counting) {
    this.#users = users.map(({ user, password, role = 'write' }) => ({
      user,
      role,
      digest: digestOf(`${user}:${password}`.normalize('NFC')),
    }));
    this.#clientOf = clientOf;
    this.#attempts = new Attempts(logger);
  }

  enter(request: Request, connection: Connection): Visitor {
    const credentials = credentialsIn(request.headers.get('authorization'));
    if (credentials === undefined) throw signIn('sign in to look at this');
    const visitor = this.#find(digestOf(credentials));
    const [user = ''] = credentials.split(':', 1);
    const client = this.#clientOf(request, connection);
    // Too many are told to wait whether they are right or not, so that guessing on is of no use.
    const waitMs = this.#attempts.count({ client, user, credentials, isRight: visitor !== undefined });
    if (waitMs > 0) throw Problem.later('tooMany', 'too many wrong passwords: try again later', waitMs);
    if (visitor === undefined) throw signIn('the user or the password is wrong');
    return visitor;
  }

  /** All are compared, each in the same time, so that nothing can be told by how long it takes. */
  #find(digest: Uint8Array): Visitor | undefined {
    let found: Visitor | undefined;
    for (const { user, role, digest: known } of this.#users)
      if (timingSafeEqual(digest, known)) found = { user, role };
    return found;
  }
}

function checked(users: readonly MonitorUser[]): readonly MonitorUser[] {
  if (!Array.isArray(users) || users.length === 0)
    throw new InvalidOptionError('access.users', 'must be a list of at least one user');
  for (const [at, each] of users.entries()) checkUser(`access.users[${at}]`, each);
  if (new Set(users.map(({ user }) => user.normalize())).size < users.length)
    throw new InvalidOptionError('access.users', 'has a user twice');
  return users;
}

function checkUser(place: string, each: MonitorUser): void {
  checkOptionNames(each, { user: true, password: true, role: true }, place);
  const { user, password, role = 'write' } = each;
  if (typeof user !== 'string' || !/^[^:\p{Cc}]{1,100}$/u.test(user))
    throw new InvalidOptionError(
      `${place}.user`,
      'must be 1 to 100 characters, no colon and no control character',
    );
  if (typeof password !== 'string' || password.length < leastPasswordLength)
    throw new InvalidOptionError(
      `${place}.password`,
      `must be a text of at least ${leastPasswordLength} characters`,
    );
  if (role !== 'read' && role !== 'write')
    throw new InvalidOptionError(`${place}.role`, "must be 'read' or 'write'");
}

/** The user and the password of an Authorization header (RFC 7617, 2), alike whichever keyboard they came from. */
function credentialsIn(header: string | null): string | undefined {
  const [, encoded] = /^basic +([\w+/=-]+) *$/i.exec(header ?? '') ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8').normalize('NFC');
}

function digestOf(credentials: string): Uint8Array {
  return createHash('sha256').update(credentials).digest();
}

function signIn(detail: string): Problem {
  return new Problem('unauthorized', detail, {
    headers: { 'www-authenticate': 'Basic realm="imgferry monitor", charset="UTF-8"' },
  });
}
