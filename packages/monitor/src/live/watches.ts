import { redactError } from '@imgferry/core';
import type { Look } from '../call.ts';
import type { ResolvedOptions } from '../options.ts';
import { Problem } from '../problem.ts';
import { type FoundLook, findLook } from '../read/looks.ts';
import type { ProgressView } from '../views/index.ts';
import { JobHints } from './job-hints.ts';
import { SharedLook, type Sighting } from './shared-look.ts';

const mostWatches = 4;
const longestWatch = 2_048;

/** Something to be watched: the path below `/api` with its query, as it was asked for, and the look behind it. */
export interface Watch extends FoundLook {
  readonly watch: string;
  readonly query: string;
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
  const [path = '', query = ''] = watch.split(/\?(.*)/s);
  const look = watch.length > longestWatch ? undefined : findLook(`/api/${path.replace(/^\//, '')}`);
  if (look !== undefined) return { ...look, watch, query };
  throw Problem.ofParameter(
    'watch',
    'must be a path below /api that can be looked at, such as overview or jobs?status=complete',
  );
}

/** What is being watched now: for all who watch the same there is one look. */
export class Watches {
  readonly #around: Pick<Look, 'uploader' | 'shown'>;
  readonly #options: Pick<ResolvedOptions, 'refreshMs' | 'logger'>;
  readonly #looks = new Map<string, SharedLook>();
  readonly #hints: JobHints;

  constructor(
    around: Pick<Look, 'uploader' | 'shown'>,
    options: Pick<ResolvedOptions, 'refreshMs' | 'logger'>,
  ) {
    this.#around = around;
    this.#options = options;
    this.#hints = new JobHints(around.uploader);
  }

  /** Answers how to leave. */
  watch(watch: Watch, watcher: Watcher): () => void {
    const look = this.#lookAt(watch);
    const leave = look.watch(watcher.see);
    if (!watch.path.includes('{jobId}')) return leave;
    const silence = this.#hints.hear(watch.name, {
      happened: () => look.hurry(),
      progressed: ({ jobId, index, sentBytes, totalBytes }) => {
        if (watch.path.endsWith('/uploads')) watcher.progressed({ jobId, index, sentBytes, totalBytes });
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

  #lookAt({ path, name, query, read }: Watch): SharedLook {
    const key = JSON.stringify([path, name, query]);
    const known = this.#looks.get(key);
    if (known !== undefined) return known;
    const { refreshMs, logger } = this.#options;
    const look = new SharedLook({
      refreshMs,
      read: () => read({ ...this.#around, name, query: new URLSearchParams(query) }),
      onFault: (error) =>
        logger.error({ err: redactError(error), path }, 'what is watched could not be read'),
      onEnd: () => this.#looks.delete(key),
    });
    this.#looks.set(key, look);
    return look;
  }
}
