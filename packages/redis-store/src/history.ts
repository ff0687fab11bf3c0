import type { Cluster, Redis } from 'ioredis';

import type { Connection } from './connection.ts';
import { decodeEntry, type HistoryEntry, type RawEntry } from './history-entry.ts';
import type { Over } from './over.ts';
import { WaitingLine } from './waiting-line.ts';

/** How long a read waits for an entry. */
const BLOCK_MS = 4_000;
/** Of those that come now, which are read once for all. */
const ENTRIES_A_READ = 100;
/**
 * Of those that one who is behind reads. Redis does nothing else while it answers, and each reader holds what it was
 * answered: these take it well below a millisecond. An entry is what one step has changed, so it can have a megabyte by
 * itself, of a hundred outcomes with long URLs: a piece ends with the entry that fills it.
 */
const ENTRIES_A_PIECE = 16;
const PIECE_BYTES = 262_144;
/** How many pieces a process asks for at a time, however many are behind: each of them waits its turn. */
const PIECES_AT_A_TIME = 2;

type FollowAnswer = readonly [
  trimmedTo: string,
  last: string,
  now: number,
  itself: readonly RawEntry[],
  after: readonly RawEntry[],
];

/** Where the history stands, and a piece of it. Ids are '' while there is none. */
export interface Stretch {
  /** The last entry that was dropped, or a time before all entries. */
  readonly trimmedTo: string;
  readonly last: string;
  readonly now: number;
  /** The entry that was asked about, if it is kept. */
  readonly itself: HistoryEntry | undefined;
  /** Some of those after it. */
  readonly after: readonly HistoryEntry[];
}

/** Reads the stream that holds the history. */
export class History {
  readonly #connection: Connection;
  readonly #line = new WaitingLine<Stretch>(PIECES_AT_A_TIME);
  #client: Promise<Redis | Cluster> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Where the history ends now. Taken in the order of all other steps, so that "now" is what it says. */
  async end(): Promise<Stretch> {
    return stretchOf((await this.#connection.run('follow', ['', 0, 0])) as FollowAnswer);
  }

  /** An entry, and the one after it; in its turn, unless it is over before. */
  find(id: string, over: Over): Promise<Stretch> {
    return this.#inTurn(id, 1, over);
  }

  /** A piece of what there is after an entry; '' is before all of them. In its turn, unless it is over before. */
  lookAfter(id: string, over: Over): Promise<Stretch> {
    return this.#inTurn(id, ENTRIES_A_PIECE, over);
  }

  /** The same for one who reads for all, and so waits for nobody. */
  lookNow(id: string): Promise<Stretch> {
    return this.#look(id, ENTRIES_A_PIECE);
  }

  async #inTurn(id: string, count: number, over: Over): Promise<Stretch> {
    const turn = this.#line.join(`${count} ${id}`, () => this.#look(id, count));
    const stop = over.watch(() => {
      stop();
      turn.leave();
    });
    try {
      return await turn.answer;
    } finally {
      stop();
    }
  }

  async #look(id: string, count: number): Promise<Stretch> {
    return stretchOf((await this.#connection.runAside('follow', [id, count, PIECE_BYTES])) as FollowAnswer);
  }

  /** The entries after one, waiting a while for them. On a connection of its own. */
  async next(id: string): Promise<readonly HistoryEntry[]> {
    const client = await this.#dedicated();
    const key = `${this.#connection.prefix}events`;
    const from = id === '' ? '0-0' : id;
    const read = await client.xread('COUNT', ENTRIES_A_READ, 'BLOCK', BLOCK_MS, 'STREAMS', key, from);
    return (read?.[0]?.[1] ?? []).map(decodeEntry);
  }

  async #dedicated(): Promise<Redis | Cluster> {
    this.#client ??= this.#connection.dedicated(BLOCK_MS);
    try {
      return await this.#client;
    } catch (error) {
      this.#client = undefined;
      throw error;
    }
  }
}

function stretchOf([trimmedTo, last, now, [itself], after]: FollowAnswer): Stretch {
  return {
    trimmedTo,
    last,
    now,
    itself: itself === undefined ? undefined : decodeEntry(itself),
    after: after.map(decodeEntry),
  };
}
