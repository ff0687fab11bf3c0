import { isIPv6 } from 'node:net';

/** So many wrong passwords a client has at once. */
const most = 10;
/** And then one more for each of these, in milliseconds. */
const everyMs = 6_000;
/** Of so many clients is known how many they have left; all others share one bucket. */
const mostClients = 10_000;

const everyone = 'everyone';

interface Bucket {
  readonly left: number;
  readonly at: number;
}

/**
 * Counts wrong passwords: ten at once and ten a minute for each client, told by its address, in IPv6 by its network of 64
 * bits. Where the address is unknown all are one client. What is kept is bounded: a flood of addresses shares a bucket.
 */
export class Attempts {
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** In how many milliseconds a client may try again; 0 is now. */
  waitMs(remoteAddress: string | undefined): number {
    const { left } = this.#bucket(this.#keyOf(remoteAddress));
    return left >= 1 ? 0 : Math.ceil((1 - left) * everyMs);
  }

  /** A password was wrong. */
  fail(remoteAddress: string | undefined): void {
    if (this.#buckets.size >= mostClients) this.#forgetTheRested();
    const key = this.#keyOf(remoteAddress);
    const { left, at } = this.#bucket(key);
    this.#buckets.set(key, { left: Math.max(0, left - 1), at });
  }

  /** For how many clients something is kept. */
  get size(): number {
    return this.#buckets.size;
  }

  /** By what a client is counted: as one of all, where there is no room for it. */
  #keyOf(remoteAddress: string | undefined): string {
    const client = clientOf(remoteAddress);
    return this.#buckets.has(client) || this.#buckets.size < mostClients ? client : everyone;
  }

  /** What is in a bucket by now. */
  #bucket(key: string): Bucket {
    const now = this.#now();
    const { left, at } = this.#buckets.get(key) ?? { left: most, at: now };
    return { left: Math.min(most, left + (now - at) / everyMs), at: now };
  }

  /** Whose bucket is full again. */
  #forgetTheRested(): void {
    for (const key of this.#buckets.keys()) if (this.#bucket(key).left >= most) this.#buckets.delete(key);
  }
}

/** In IPv6 one client has as many addresses as it likes, in its network. */
function clientOf(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined) return everyone;
  if (!isIPv6(remoteAddress) || remoteAddress.startsWith('::ffff:')) return remoteAddress;
  const [head = '', tail = ''] = remoteAddress.split('::');
  const groups = head.split(':');
  const missing = 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array(Math.max(0, missing)).fill('0')].slice(0, 4).join(':');
}
