import { isIPv6 } from 'node:net';

/** So many wrong passwords a client has at once. */
const most = 10;
/** And then one more for each of these, in milliseconds. */
const everyMs = 6_000;
/** Of so many clients is known how many they have left; all others share one bucket. */
const mostClients = 10_000;

const everyone = 'everyone';

interface Bucket {
  left: number;
  at: number;
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
    const { left } = this.#bucket(remoteAddress);
    return left >= 1 ? 0 : Math.ceil((1 - left) * everyMs);
  }

  /** A password was wrong. */
  fail(remoteAddress: string | undefined): void {
    const bucket = this.#bucket(remoteAddress);
    bucket.left = Math.max(0, bucket.left - 1);
    this.#keep(clientOf(remoteAddress), bucket);
  }

  /** For how many clients something is kept. */
  get size(): number {
    return this.#buckets.size;
  }

  #bucket(remoteAddress: string | undefined): Bucket {
    const now = this.#now();
    const known = this.#buckets.get(clientOf(remoteAddress)) ?? this.#shared();
    if (known === undefined) return { left: most, at: now };
    known.left = Math.min(most, known.left + (now - known.at) / everyMs);
    known.at = now;
    return known;
  }

  /** What a client has that there is no room for. */
  #shared(): Bucket | undefined {
    return this.#buckets.size < mostClients ? undefined : this.#buckets.get(everyone);
  }

  #keep(client: string, bucket: Bucket): void {
    if (this.#buckets.size >= mostClients && !this.#buckets.has(client)) this.#forgetTheRested();
    const isFull = this.#buckets.size >= mostClients && !this.#buckets.has(client);
    this.#buckets.set(isFull ? everyone : client, bucket);
  }

  /** Whose bucket is full again. */
  #forgetTheRested(): void {
    const now = this.#now();
    for (const [client, { left, at }] of this.#buckets)
      if (left + (now - at) / everyMs >= most) this.#buckets.delete(client);
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
