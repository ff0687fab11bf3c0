import type { Read } from '../call.ts';
import { pathPattern } from '../path-pattern.ts';
import { Query } from '../query.ts';
import { askedJobs, readJob, readJobs } from './jobs.ts';
import { readOverview } from './overview.ts';
import { readPaused } from './paused.ts';
import { readQueue } from './queue.ts';
import { readSettings } from './settings.ts';
import { askedUploads, readUploads } from './uploads.ts';
import { readWorker, readWorkers } from './workers.ts';

/** Something that can be looked at. */
interface LookedAt {
  readonly read: Read;
  /** Refuses a query that it does not take, before the store is asked. @throws Problem */
  readonly check: (query: URLSearchParams) => void;
}

/** What can be looked at, once or for as long as one likes, by its path. */
export const looks: Readonly<Record<`/api/${string}`, LookedAt>> = {
  '/api/overview': whole(readOverview),
  '/api/paused': whole(readPaused),
  '/api/queue': whole(readQueue),
  '/api/settings': whole(readSettings),
  '/api/workers': whole(readWorkers),
  '/api/workers/{workerId}': whole(readWorker),
  '/api/jobs': { read: readJobs, check: askedJobs },
  '/api/jobs/{jobId}': whole(readJob),
  '/api/jobs/{jobId}/uploads': { read: readUploads, check: askedUploads },
};

function whole(read: Read): LookedAt {
  return { read, check: (query) => void new Query(query, []) };
}

const patterns = Object.entries(looks).map(([path, look]) => ({ ...look, path, fits: pathPattern(path) }));

/** A look, what its path names, and the path as it stands above. */
export interface FoundLook extends LookedAt {
  readonly path: string;
  readonly name: string;
}

/** The look at a path; `undefined` when there is none. */
export function findLook(asked: string): FoundLook | undefined {
  for (const { fits, ...look } of patterns) {
    const name = fits(asked);
    if (name !== undefined) return { ...look, name };
  }
  return undefined;
}
