/**
 * Reads once what many want to know at the same time. Nobody is given what was read before it asked: those who ask
 * while a read is under way share the one after it.
 */
export class SharedReads<Found> {
  readonly #underWay = new Map<string, Promise<Found>>();
  readonly #next = new Map<string, Promise<Found>>();

  read(name: string, read: () => Promise<Found>): Promise<Found> {
    const ahead = this.#underWay.get(name);
    if (ahead === undefined) return this.#begin(name, read);
    const next = this.#next.get(name) ?? this.#after(ahead, name, read);
    this.#next.set(name, next);
    return next;
  }

  #begin(name: string, read: () => Promise<Found>): Promise<Found> {
    const reading = read().finally(() => {
      if (this.#underWay.get(name) === reading) this.#underWay.delete(name);
    });
    this.#underWay.set(name, reading);
    return reading;
  }

  async #after(ahead: Promise<Found>, name: string, read: () => Promise<Found>): Promise<Found> {
    await ahead.catch(() => {});
    this.#next.delete(name);
    return this.#begin(name, read);
  }
}
