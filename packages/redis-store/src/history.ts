import type { Cluster, Redis } from 'ioredis';

import type { Connection } from './connection.ts';
import { decodeEntry, type HistoryEntry, type RawEntry } from './history-entry.ts';

/** How long a read waits for an entry. */
const BLOCK_MS = 4_000;
const ENTRIES_A_READ = 100;

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
  readonly #looks = new Map<string, Promise<Stretch>>();
  #client: Promise<Redis | Cluster> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** What there is after an entry; '' is before all of them. Those who stand there and ask at once share an answer. */
  lookAfter(id: string): Promise<Stretch> {
    const known = this.#looks.get(id);
    if (known !== undefined) return known;
    const look = this.look(id, ENTRIES_A_READ).finally(() => this.#looks.delete(id));
    this.#looks.set(id, look);
    return look;
  }

  /** What there is about an entry and at most `count` of those after it. */
  async look(id: string, count: number): Promise<Stretch> {
    const answer = (await this.#connection.run('follow', [id, count])) as FollowAnswer;
    const [trimmedTo, last, now, [itself], after] = answer;
    return {
      trimmedTo,
      last,
      now,
      itself: itself === undefined ? undefined : decodeEntry(itself),
      after: after.map(decodeEntry),
    };
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
