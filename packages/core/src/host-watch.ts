import { pauseHeardOfMs } from './budget.ts';
import type { EventHub } from './event-hub.ts';
import type { ResolvedOptions } from './options.ts';

/** Two clocks and whole milliseconds: a pause that ends so little later than was told is the same. */
const tolerantMs = 100;

/** Tells `host:paused` and `host:resumed` once each, as this process comes to know. */
export class HostWatch {
  readonly #options: ResolvedOptions;
  readonly #tell: EventHub['tell'];
  #pausedUntil = 0;
  #reason: string | undefined;

  constructor(options: ResolvedOptions, tell: EventHub['tell']) {
    this.#options = options;
    this.#tell = tell;
  }

  /** What was last told is a pause. */
  get isPaused(): boolean {
    return this.#reason !== undefined;
  }

  /** Looks at the budget and tells what has changed since it last looked. */
  async look(): Promise<void> {
    const { store, host } = this.#options;
    if (host.budget === undefined) return;
    const { paused } = await store.budget.read(host.budget, { maxAgeMs: pauseHeardOfMs });
    if (paused === undefined) this.#resumed(host.name);
    else if (this.#isNew(paused.reason, paused.forMs)) {
      this.#reason = paused.reason;
      this.#pausedUntil = performance.now() + paused.forMs;
      this.#tell('host:paused', { host: host.name, ...paused });
      this.#log(paused);
    }
  }

  /** One that becomes longer is told when the end comes that was told, and not each time. */
  #isNew(reason: string, forMs: number): boolean {
    const now = performance.now();
    const isOver = now > this.#pausedUntil && now + forMs > this.#pausedUntil + tolerantMs;
    return reason !== this.#reason || isOver;
  }

  /** A limit is no trouble. What else stops everything has to be seen by whoever listens to no event. */
  #log(paused: { readonly reason: string; readonly forMs: number }): void {
    const { logger, host } = this.#options;
    const isLimit = paused.reason === 'exhausted' || paused.reason === 'rate-limited';
    logger[isLimit ? 'info' : 'warn']({ host: host.name, ...paused }, 'the host is given no uploads for now');
  }

  #resumed(host: string): void {
    if (this.#reason === undefined) return;
    this.#reason = undefined;
    this.#options.logger.info({ host }, 'the host is given uploads again');
    this.#tell('host:resumed', { host });
  }
}
