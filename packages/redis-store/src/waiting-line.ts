/** What somebody waits for, and how many do. */
interface Waiting<Answer> {
  wanted: number;
  readonly answer: Promise<Answer>;
  readonly begin: () => void;
}

/** What is waited for, and the function that leaves the line. */
export interface Turn<Answer> {
  readonly answer: Promise<Answer>;
  /** Of what has begun nothing is taken back. */
  readonly leave: () => void;
}

/**
 * Work of which only so much is under way at a time: first come, first served. Those who wait for the same thing share
 * its answer. Nobody is given what was begun before it asked, and what everybody has left is not begun.
 */
export class WaitingLine<Answer> {
  readonly #most: number;
  readonly #waiting = new Map<string, Waiting<Answer>>();
  readonly #underWay = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Waits for its turn. */
  join(name: string, work: () => Promise<Answer>): Turn<Answer> {
    const waiting = this.#waiting.get(name) ?? this.#add(name, work);
    waiting.wanted += 1;
    this.#call();
    return { answer: waiting.answer, leave: () => this.#leave(name, waiting) };
  }

  #add(name: string, work: () => Promise<Answer>): Waiting<Answer> {
    const turn = Promise.withResolvers<void>();
    const answer = turn.promise.then(work).finally(() => {
      this.#underWay.delete(name);
      this.#call();
    });
    const waiting = { wanted: 0, answer, begin: turn.resolve };
    this.#waiting.set(name, waiting);
    return waiting;
  }

  #leave(name: string, waiting: Waiting<Answer>): void {
    waiting.wanted -= 1;
    if (waiting.wanted === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
  }

  #call(): void {
    for (const [name, { begin }] of this.#waiting) {
      if (this.#underWay.size >= this.#most) return;
      if (this.#underWay.has(name)) continue;
      this.#waiting.delete(name);
      this.#underWay.add(name);
      begin();
    }
  }
}
