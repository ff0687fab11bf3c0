import { SourceHost, type SourceHostOptions, type Turn } from './source-host.ts';
import type { Target } from './target.ts';

/** Beyond so many, hosts of which nothing is read are forgotten, whatever is known of them. */
const mostRemembered = 1_000;
/** How many hosts are looked at, in turn, for one that is met. */
const lookedAtPerHost = 2;

/** Whose turn it is to ask which source host. Nobody waits here: who has no turn is told when to come back. */
export class HostTurns {
  readonly #options: SourceHostOptions;
  readonly #now: () => number;
  readonly #hosts = new Map<string, SourceHost>();

  constructor(options: SourceHostOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#now = now;
  }

  /** How many hosts are remembered. */
  get size(): number {
    return this.#hosts.size;
  }

  /**
   * Takes a turn. Whoever takes it ends it.
   * @throws TransferError
   */
  take(target: Target): Turn {
    return (this.#hosts.get(target.host) ?? this.#meet(target.host)).take(target);
  }

  #meet(name: string): SourceHost {
    this.#forget();
    const host = new SourceHost(name, this.#options, this.#now);
    this.#hosts.set(name, host);
    return host;
  }

  /** Goes on where it stopped: who stays goes to the end. */
  #forget(): void {
    for (let looked = 0; looked < lookedAtPerHost; looked += 1) {
      const [oldest] = this.#hosts;
      if (oldest === undefined) return;
      const [name, host] = oldest;
      this.#hosts.delete(name);
      if (!host.isOver) this.#hosts.set(name, host);
    }
    if (this.#hosts.size < mostRemembered) return;
    for (const [name, host] of this.#hosts) if (host.isQuiet) return void this.#hosts.delete(name);
  }
}
