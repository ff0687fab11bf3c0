/** Who looks at the page, and what they may do. */
export interface Session {
  /** `read` looks, `write` also steers. */
  readonly role: 'read' | 'write';
  /** The name they signed in with; null when nobody had to. */
  readonly user: string | null;
  /** The version of the library. */
  readonly version: string;
}
