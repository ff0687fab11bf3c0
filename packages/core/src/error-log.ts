import { StoreUnavailableError } from './errors.ts';
import type { UploaderEvents } from './events.ts';
import type { Logger } from './logger.ts';
import { redactError } from './redact-error.ts';

/** A store that is away makes every part of a worker fail over and over: at most this often it is said aloud. */
const outageEveryMs = 60_000;

/** Logs the errors that nobody listens to, and an outage of the store once a minute instead of at every step. */
export class ErrorLog {
  readonly #logger: Logger;
  #saidAt = Number.NEGATIVE_INFINITY;
  /** How many errors of the outage were not said aloud since. */
  #unsaid = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  log({ error, during }: UploaderEvents['error']): void {
    if (error instanceof StoreUnavailableError) this.#logOutage(error, during);
    else this.#logger.error({ err: redactError(error) }, `error during ${during}`);
  }

  #logOutage(error: StoreUnavailableError, during: string): void {
    const now = performance.now();
    if (now - this.#saidAt < outageEveryMs) {
      this.#unsaid += 1;
      this.#logger.debug({ err: redactError(error), during }, 'the store is still away');
      return;
    }
    const since = this.#unsaid === 0 ? {} : { errorsSince: this.#unsaid };
    this.#saidAt = now;
    this.#unsaid = 0;
    this.#logger.error(
      { err: redactError(error), during, ...since },
      'the store is away; work goes on when it is back',
    );
  }
}
