// The longest delay a timer takes; a longer one would fire at once.
const MAX_TIMER_MS = 2_147_483_647;

interface Waiter {
  readonly host: string;
  /** Ends the wait if something can be claimed now, else sets its timer anew. */
  lookAgain(): void;
  end(): void;
}

/** What someone waits for. */
export interface Wait {
  readonly host: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** In how many milliseconds a claim may find something, as far as is known: 0 is now, `undefined` is unknown. */
  look(): number | undefined;
}

/** Those who wait for something to claim. There is a timer for each of them, and none when nobody waits. */
export class WakeUps {
  readonly #waiters = new Set<Waiter>();

  /** Resolves when the wait's time has come, when it is woken, or after its timeout. */
  wait(wait: Wait): Promise<void> {
    return new Promise((resolve) => {
      const deadline = performance.now() + wait.timeoutMs;
      let timer: NodeJS.Timeout | undefined;
      const end = (): void => {
        clearTimeout(timer);
        wait.signal.removeEventListener('abort', end);
        this.#waiters.delete(waiter);
        resolve();
      };
      const lookAgain = (): void => {
        clearTimeout(timer);
        const inMs = Math.min(wait.look() ?? Number.POSITIVE_INFINITY, deadline - performance.now());
        if (inMs <= 0 || wait.signal.aborted) end();
        else timer = setTimeout(end, Math.min(inMs, MAX_TIMER_MS));
      };
      const waiter: Waiter = { host: wait.host, lookAgain, end };
      wait.signal.addEventListener('abort', end);
      this.#waiters.add(waiter);
      lookAgain();
    });
  }

  /** Something changed for a host: those who wait for it look again. */
  changed(host: string): void {
    for (const waiter of [...this.#waiters]) if (waiter.host === host) waiter.lookAgain();
  }

  /** Something changed that may concern anyone: all look again. */
  allChanged(): void {
    for (const waiter of [...this.#waiters]) waiter.lookAgain();
  }

  /** Something was told of the budget. All look again; when it is news all waits end. */
  observed(isNews: boolean): void {
    if (isNews) this.wakeAll();
    else this.allChanged();
  }

  /** Ends all waits. */
  wakeAll(): void {
    for (const waiter of [...this.#waiters]) waiter.end();
  }
}
