/** An image that stopped all others so often, and each time others were taken afterwards, is at fault itself. */
const stopsAlone = 2;
/** One that stopped them so often, whoever was at fault, has waited long enough: some hours at the longest pause. */
const stopsAtMost = 100;
const mostRemembered = 1_000;

/** Images for which the host was paused. It may have been for one of them alone. */
export class SuspectImages {
  /** When everything stopped for an image, of those since which no other was sent and taken. */
  readonly #stoppedAtMs = new Map<string, number>();
  /** How often others were taken after everything had stopped for an image. */
  readonly #alone = new Map<string, number>();
  readonly #stops = new Map<string, number>();

  stopped(image: string, atMs: number): void {
    remember(this.#stoppedAtMs, image, atMs);
    remember(this.#stops, image, (this.#stops.get(image) ?? 0) + 1);
  }

  /** The host took an image that was sent at a time. */
  taken(sentAtMs: number): void {
    for (const [image, atMs] of this.#stoppedAtMs) {
      // What was on its way already tells nothing of those that were stopped beside it.
      if (atMs >= sentAtMs) continue;
      this.#stoppedAtMs.delete(image);
      remember(this.#alone, image, (this.#alone.get(image) ?? 0) + 1);
    }
  }

  /** The host takes others: nothing is to be stopped for this one. */
  isAtFault(image: string): boolean {
    return (this.#alone.get(image) ?? 0) >= stopsAlone;
  }

  /** It is not to wait without an end. */
  hasWaited(image: string): boolean {
    return (this.#stops.get(image) ?? 0) >= stopsAtMost;
  }
}

/** The newest last; the oldest is forgotten. */
function remember(map: Map<string, number>, image: string, value: number): void {
  map.delete(image);
  map.set(image, value);
  const [oldest] = map.keys();
  if (map.size > mostRemembered && oldest !== undefined) map.delete(oldest);
}
