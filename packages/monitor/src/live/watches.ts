import { redactError } from '@imgferry/core';
import type { Look } from '../call.ts';
import type { ResolvedOptions } from '../options.ts';
import { Problem } from '../problem.ts';
import { plainQuery } from '../query.ts';
import { type FoundLook, findLook } from '../read/looks.ts';
import type { ProgressView, UploadsView } from '../views/index.ts';
import { JobHints } from './job-hints.ts';
import { SharedLook, type Sighting } from './shared-look.ts';

const mostWatches = 4;
const longestWatch = 2_048;
/** So many different things are looked at at once, by however many. */
const mostLooks = 500;

/** What a look is given beside what it is of. */
export type Surroundings = Pick<Look, 'uploader' | 'readings' | 'shown'>;

/** Something to be watched: the path below `/api` with its query, as it was asked for, and the look behind it. */
export interface Watch extends FoundLook {
  readonly watch: string;
  /** In the order of its names, without what is empty. */
  readonly query: string;
  /** The same for all who watch the same, however they wrote it. */
  readonly key: string;
}

/** A look that is being taken, and of a job's uploads which of them it has shown. */
interface Looked {
  readonly look: SharedLook;
  indexes: ReadonlySet<number>;
}

/** Who watches. */
export interface Watcher {
  readonly see: (sighting: Sighting) => void;
  readonly progressed: (progress: ProgressView) => void;
}

/** Reads what somebody wants to watch. @throws Problem */
export function watchesIn(query: URLSearchParams): readonly Watch[] {
  const asked = [...new Set(query.getAll('watch'))];
  if (asked.length === 0 || asked.length > mostWatches)
    throw Problem.ofParameter('watch', `must be given 1 to ${mostWatches} times`);
  return asked.map(watchOf);
}

function watchOf(watch: string): Watch {
  const [path = '', asked = ''] = watch.split(/\?(.*)/s);
  const look = watch.length > longestWatch ? undefined : findLook(`/api/${path.replace(/^\//, '')}`);
  const query = plainQuery(asked);
  if (look === undefined)
    throw Problem.ofParameter(
      'watch',
      'must be a path below /api that can be looked at, such as overview or jobs?status=complete',
    );
  look.check(new URLSearchParams(asked));
  return { ...look, watch, query, key: JSON.stringify([look.path, look.name, query]) };
}

/** What is being watched now: for all who watch the same there is one look. */
export class Watches {
  readonly #around: Surroundings;
  readonly #options: Pick<ResolvedOptions, 'refreshMs' | 'logger'>;
  readonly #looks = new Map<string, Looked>();
  readonly #hints: JobHints;

  constructor(around: Surroundings, options: Pick<ResolvedOptions, 'refreshMs' | 'logger'>) {
    this.#around = around;
    this.#options = options;
    this.#hints = new JobHints(around.uploader);
  }

  /** Answers how to leave. */
  watch(watch: Watch, watcher: Watcher): () => void {
    const looked = this.#lookAt(watch);
    const leave = looked.look.watch(watcher.see);
    if (!watch.path.includes('{jobId}')) return leave;
    const silence = this.#hints.hear(watch.name, {
      happened: () => looked.look.hurry(),
      progressed: ({ jobId, index, sentBytes, totalBytes }) => {
        if (looked.indexes.has(index)) watcher.progressed({ jobId, index, sentBytes, totalBytes });
      },
    });
    return () => {
      leave();
      silence();
    };
  }

  /** How many looks there are. */
  get size(): number {
    return this.#looks.size;
  }

  /** Whether all of these can be watched as well. */
  hasRoomFor(watched: readonly Watch[]): boolean {
    const keys = new Set([...this.#looks.keys(), ...watched.map(({ key }) => key)]);
    return keys.size <= mostLooks;
  }

  /** All look again, at once. */
  lookAgain(): void {
    for (const { look } of this.#looks.values()) look.lookAgain();
  }

  #lookAt({ key, path, name, query, read }: Watch): Looked {
    const known = this.#looks.get(key);
    if (known !== undefined) return known;
    const { refreshMs, logger } = this.#options;
    const look = new SharedLook({
      refreshMs,
      read: async (waiter) => {
        const value = await read({ ...this.#around, name, query: new URLSearchParams(query), waiter });
        if (path.endsWith('/uploads')) looked.indexes = indexesOf(value as UploadsView);
        return value;
      },
      looks: () => this.#looks.size,
      onFault: (error) =>
        logger.error({ err: redactError(error), path }, 'what is watched could not be read'),
      onEnd: () => this.#looks.delete(key),
    });
    const looked: Looked = { look, indexes: new Set() };
    this.#looks.set(key, looked);
    return looked;
  }
}

/** What is told of an upload is told to those alone whose page shows it. */
function indexesOf({ uploads }: UploadsView): ReadonlySet<number> {
  return new Set(uploads.map(({ index }) => index));
}
