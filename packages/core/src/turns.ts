/** Lets one at a time do what goes by a name; in no order that anyone may rely on. */
export class Turns {
  readonly #taken = new Map<string, Promise<void>>();

  /** Resolves once nobody has the turn, with the function that ends it. Rejects when the signal aborts. */
  async take(name: string, signal: AbortSignal): Promise<() => void> {
    for (let taken = this.#taken.get(name); taken !== undefined; taken = this.#taken.get(name))
      await orAborted(taken, signal);
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#taken.set(name, promise);
    return () => {
      if (this.#taken.get(name) === promise) this.#taken.delete(name);
      resolve();
    };
  }
}

/** Leaves no listener behind, whichever comes first. */
async function orAborted(happens: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([happens, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
