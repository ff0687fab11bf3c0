/** Whether the page hears the server. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** Closed while nobody sees the page. */
  | { readonly state: 'resting' }
  /** Trying again by itself. `since` by the server's clock. */
  | { readonly state: 'lost'; readonly since: number }
  /** The server has no room for one more who watches, in its words. Trying again by itself. */
  | { readonly state: 'full'; readonly reason: string }
  /** The server wants nothing to do with us: 401 or 403. */
  | { readonly state: 'refused'; readonly status: number };

/** Whether it is said already that nothing is heard. */
export function isTrouble({ state }: Connection): boolean {
  return state === 'lost' || state === 'full' || state === 'refused';
}
