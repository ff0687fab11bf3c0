import { setTimeout as sleep } from 'node:timers/promises';

import { type Logger, StoreUnavailableError, type Uploader } from '@imgferry/core';

/** How often a store that is away is looked for, in milliseconds. */
const lookEveryMs = 1_000;

/**
 * Logs the errors of an uploader. A store that is away makes every part of it fail over and over: that is told once
 * when it goes and once when it is back, and the rest at the level `debug`.
 */
export class OutageLog {
  readonly #uploader: Uploader;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #outage: Promise<void> | undefined;

  constructor(uploader: Uploader, logger: Logger) {
    this.#uploader = uploader;
    this.#logger = logger;
    uploader.on('error', ({ error, during }) => this.#hear(error, during));
  }

  /** Looks for the store no more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#outage;
  }

  #hear(error: unknown, during: string): void {
    if (error instanceof StoreUnavailableError) {
      this.#logger.debug({ reason: error.message, during }, 'the store is away');
      if (!this.#closing.signal.aborted) this.#outage ??= this.#seeThrough(error.message);
    } else {
      this.#logger.error({ err: error }, `error during ${during}`);
    }
  }

  async #seeThrough(reason: string): Promise<void> {
    const since = performance.now();
    this.#logger.error({ reason }, 'the store is away; work goes on when it is back');
    const { signal } = this.#closing;
    while (!signal.aborted && !(await this.#isBack()))
      await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
    this.#outage = undefined;
    if (!signal.aborted)
      this.#logger.info({ awayMs: Math.round(performance.now() - since) }, 'the store is back');
  }

  async #isBack(): Promise<boolean> {
    return this.#uploader.jobs({ limit: 1 }).then(
      () => true,
      () => false,
    );
  }
}
