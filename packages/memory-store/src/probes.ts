/** For how long a round of probes is waited for before the next one goes. */
const ROUND_MS = 2_000;
/** How many probes a round has at most. */
const MOST_PROBES = 16;

interface ProbeRound {
  /** Of its first probe: whoever has a later token drew from it too. */
  readonly firstToken: number;
  readonly endsAt: number;
  readonly size: number;
  /** How many more may go. */
  left: number;
}

/**
 * The uploads that go ahead to learn what nobody knows of a bucket. They go in rounds, each with twice as many as the
 * one before, so that slow sources do not hold up a fleet for longer than they are many.
 */
export class Probes {
  #round: ProbeRound | undefined;

  /** When more may go than now. */
  get endsAt(): number | undefined {
    return this.#round?.endsAt;
  }

  /** How many more may go. `inFlight`: how many draw from the bucket, whether as probes or not. */
  left(now: number, inFlight: number): number {
    const round = this.#round;
    return round === undefined || round.endsAt <= now ? this.#nextSize(now, inFlight) : round.left;
  }

  /** Nothing of earlier rounds counts any more: for the length of one nobody was out to learn anything. */
  areOver(now: number, inFlight: number): boolean {
    return this.#round === undefined || (inFlight === 0 && this.#round.endsAt + ROUND_MS <= now);
  }

  /** One goes. */
  take(token: number, now: number, inFlight: number): void {
    if (this.#round === undefined || this.#round.endsAt <= now) {
      const size = this.#nextSize(now, inFlight);
      this.#round = { firstToken: token, endsAt: now + ROUND_MS, size, left: size };
    }
    this.#round.left -= 1;
  }

  /** One came back: if it was of this round and told nothing, it makes way for the next. */
  giveBack(token: number): void {
    if (this.#round !== undefined && token >= this.#round.firstToken) this.#round.left += 1;
  }

  /** Somebody has told. */
  end(): void {
    this.#round = undefined;
  }

  #nextSize(now: number, inFlight: number): number {
    if (this.#round === undefined || this.areOver(now, inFlight)) return 1;
    return Math.min(MOST_PROBES, 2 * this.#round.size);
  }
}
