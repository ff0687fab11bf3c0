import { inspect } from 'node:util';

import { ImgferryError } from '@imgferry/core';
import { type Canary, isIn } from './canaries.ts';

/** Where something can be seen. */
export type Place =
  | 'the log'
  | 'the console'
  | 'an event'
  | 'an event of the store'
  | 'an error'
  | 'a failure'
  | 'an answer of the endpoints'
  | 'a problem of the endpoints'
  | 'an answer of the monitor'
  | 'a problem of the monitor'
  | 'the deletehashes at the monitor'
  | 'what the monitor was sent'
  | 'an object that was looked at'
  | 'what deleteHashes answers'
  | 'a lease'
  | 'the statistics'
  | 'the fleet'
  | 'the settings'
  | 'a key of Redis'
  | 'the key of the deletehashes'
  | 'a command to Redis'
  | 'the clients and logs of Redis'
  | 'the configuration of Redis'
  | 'what the host was sent'
  | 'what the source was sent';

/** Everything that could be seen of a run, by where. */
export class Diary {
  readonly #seen = new Map<Place, Set<string>>();
  /** What is said to have gone wrong. */
  readonly happened: Set<string> = new Set();

  /** What came to be secret while it ran. */
  readonly learned: Set<string> = new Set();

  learn(...secrets: readonly string[]): void {
    for (const secret of secrets) this.learned.add(secret);
  }

  see(place: Place, ...things: readonly unknown[]): void {
    const texts = this.#seen.get(place) ?? new Set();
    this.#seen.set(place, texts);
    for (const thing of things) texts.add(typeof thing === 'string' ? thing : shown(thing));
  }

  /** An error, with all that is below it. */
  seeError(error: unknown): void {
    this.see('an error', error);
    if (error instanceof ImgferryError) this.happened.add(error.code);
  }

  /** Where a canary was seen. */
  placesOf(canary: Canary): readonly Place[] {
    const found = [...this.#seen].filter(([, texts]) => [...texts].some((text) => isIn(text, canary)));
    return found.map(([place]) => place).sort();
  }

  /** Where something that was learned was seen, and what. */
  placesOfTheLearned(): readonly string[] {
    return [...this.#seen].flatMap(([place, texts]) =>
      [...this.learned].filter((secret) => [...texts].some((text) => text.includes(secret))).map(() => place),
    );
  }

  textsOf(place: Place): readonly string[] {
    return [...(this.#seen.get(place) ?? [])];
  }
}

/** All that a curious reader gets out of a value. */
export function shown(value: unknown): string {
  const whole = { depth: null, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null };
  const below = value instanceof Error && value.cause !== undefined ? shown(value.cause) : '';
  const own = value instanceof Error ? `${value.name} ${value.message} ${value.stack}` : '';
  return `${inspect(value, whole)} ${json(value)} ${own} ${below}`;
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    return String(error);
  }
}
