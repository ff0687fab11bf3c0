import type { Connection } from '../client.ts';

/** What somebody may do: `read` looks, `write` also steers. */
export type Role = 'read' | 'write';

/** Somebody who was let in. */
export interface Visitor {
  readonly role: Role;
  /** The name they signed in with; null when nobody knows it. */
  readonly user: string | null;
}

/** Decides who gets in. */
export interface Gate {
  /** Answers who it is, or what they get instead. @throws Problem */
  enter(request: Request, connection: Connection): Promise<Visitor | Response>;
  /** Whether somebody who was let in may be refused later, so that one who stays is asked again. */
  readonly mayRevoke: boolean;
  /** Whether it asks by HTTP Basic, which clients can be told. */
  readonly asksByBasic: boolean;
}
