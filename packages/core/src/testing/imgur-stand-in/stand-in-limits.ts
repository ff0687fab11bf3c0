import { CountedWindow } from './counted-window.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MOST_CALLERS = 1_000;

/** The limits of the stand-in, in the units that Imgur counts in; `false` neither counts nor tells of one. */
export interface ImgurLimits {
  /** Credits of an application in a day: a call costs 1, an upload 10. @default 12500 */
  readonly client?: number | false;
  /** Credits of an address with an application in an hour. @default 500 */
  readonly user?: number | false;
  /** POSTs of an address in an hour. @default 1250 */
  readonly post?: number | false;
}

/** Whom a request is counted for. */
export interface Caller {
  readonly credential: string;
  readonly address: string;
}

/** What a request costs. */
export interface Cost {
  readonly credits: number;
  readonly posts: number;
}

/** What an upload costs. */
export const UPLOAD_COST: Cost = { credits: 10, posts: 1 };

/** What any other call costs. */
export const CALL_COST: Cost = { credits: 1, posts: 0 };

/** The limit that said no, and for how long it will. */
export interface Exhausted {
  readonly limit: keyof ImgurLimits;
  readonly resetInMs: number;
}

/** Counts what each caller has used, and says it in the headers that Imgur says it in. */
export class StandInLimits {
  readonly #windows: Readonly<Record<keyof ImgurLimits, CallerWindows>>;
  readonly #resets: 'seconds' | 'epoch';
  readonly #clock: () => number;

  constructor(limits: Required<ImgurLimits>, resets: 'seconds' | 'epoch', clock: () => number) {
    this.#windows = {
      client: new CallerWindows(limits.client, DAY_MS, clock, ({ credential }) => credential),
      user: new CallerWindows(
        limits.user,
        HOUR_MS,
        clock,
        ({ credential, address }) => `${address} ${credential}`,
      ),
      post: new CallerWindows(limits.post, HOUR_MS, clock, ({ address }) => address),
    };
    this.#resets = resets;
    this.#clock = clock;
  }

  /** Takes from every limit, or from none when one of them has too little left. */
  charge(caller: Caller, { credits, posts }: Cost): Exhausted | undefined {
    const costs = { client: credits, user: credits, post: posts };
    for (const limit of ['client', 'user', 'post'] as const) {
      const window = this.#windows[limit].of(caller);
      if (window && window.remaining < costs[limit]) return { limit, resetInMs: window.resetInMs };
    }
    for (const limit of ['client', 'user', 'post'] as const)
      this.#windows[limit].of(caller)?.take(costs[limit]);
    return undefined;
  }

  /** The headers of a reply: those about POSTs only with a reply to a POST. */
  headers(caller: Caller, method: string | undefined): Record<string, string> {
    const client = this.#windows.client.of(caller);
    const user = this.#windows.user.of(caller);
    const post = method === 'POST' ? this.#windows.post.of(caller) : undefined;
    return {
      ...(client && {
        'X-RateLimit-ClientLimit': String(client.limit),
        'X-RateLimit-ClientRemaining': String(client.remaining),
        'X-RateLimit-ClientReset': this.#reset(client),
      }),
      ...(user && {
        'X-RateLimit-UserLimit': String(user.limit),
        'X-RateLimit-UserRemaining': String(user.remaining),
        'X-RateLimit-UserReset': this.#reset(user),
      }),
      ...(post && {
        'X-Post-Rate-Limit-Limit': String(post.limit),
        'X-Post-Rate-Limit-Remaining': String(post.remaining),
        'X-Post-Rate-Limit-Reset': seconds(post.resetInMs),
      }),
    };
  }

  /** What `GET /3/credits` tells; there `UserReset` is always an epoch. */
  credits(caller: Caller): Record<string, number> {
    const client = this.#windows.client.of(caller);
    const user = this.#windows.user.of(caller);
    return {
      ...(user && {
        UserLimit: user.limit,
        UserRemaining: user.remaining,
        UserReset: Math.ceil((this.#clock() + user.resetInMs) / 1000),
      }),
      ...(client && { ClientLimit: client.limit, ClientRemaining: client.remaining }),
    };
  }

  clear(): void {
    for (const windows of Object.values(this.#windows)) windows.clear();
  }

  #reset(window: CountedWindow): string {
    return this.#resets === 'epoch' ? seconds(this.#clock() + window.resetInMs) : seconds(window.resetInMs);
  }
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / 1000));
}

/** One limit, counted apart for each caller. */
class CallerWindows {
  readonly #limit: number | false;
  readonly #newWindow: (limit: number) => CountedWindow;
  readonly #keyOf: (caller: Caller) => string;
  readonly #windows = new Map<string, CountedWindow>();

  constructor(
    limit: number | false,
    windowMs: number,
    clock: () => number,
    keyOf: (caller: Caller) => string,
  ) {
    this.#limit = limit;
    this.#newWindow = (most) => new CountedWindow(most, windowMs, clock);
    this.#keyOf = keyOf;
  }

  of(caller: Caller): CountedWindow | undefined {
    if (this.#limit === false) return undefined;
    const key = this.#keyOf(caller);
    return this.#windows.get(key) ?? this.#open(key, this.#limit);
  }

  clear(): void {
    this.#windows.clear();
  }

  #open(key: string, limit: number): CountedWindow {
    const window = this.#newWindow(limit);
    this.#windows.set(key, window);
    if (this.#windows.size > MOST_CALLERS) this.#forgetOldest();
    return window;
  }

  #forgetOldest(): void {
    for (const key of this.#windows.keys()) {
      this.#windows.delete(key);
      return;
    }
  }
}
