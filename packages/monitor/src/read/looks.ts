import type { Read } from '../call.ts';
import { pathPattern } from '../path-pattern.ts';
import { readJob, readJobs } from './jobs.ts';
import { readOverview } from './overview.ts';
import { readPaused } from './paused.ts';
import { readQueue } from './queue.ts';
import { readSettings } from './settings.ts';
import { readUploads } from './uploads.ts';
import { readWorker, readWorkers } from './workers.ts';

/** What can be looked at, once or for as long as one likes, by its path. */
export const looks: Readonly<Record<`/api/${string}`, Read>> = {
  '/api/overview': readOverview,
  '/api/paused': readPaused,
  '/api/queue': readQueue,
  '/api/settings': readSettings,
  '/api/workers': readWorkers,
  '/api/workers/{workerId}': readWorker,
  '/api/jobs': readJobs,
  '/api/jobs/{jobId}': readJob,
  '/api/jobs/{jobId}/uploads': readUploads,
};

const patterns = Object.entries(looks).map(([path, read]) => ({ path, read, fits: pathPattern(path) }));

/** A look, what its path names, and the path as it stands above. */
export interface FoundLook {
  readonly path: string;
  readonly read: Read;
  readonly name: string;
}

/** The look at a path; `undefined` when there is none. */
export function findLook(asked: string): FoundLook | undefined {
  for (const { path, read, fits } of patterns) {
    const name = fits(asked);
    if (name !== undefined) return { path, read, name };
  }
  return undefined;
}
