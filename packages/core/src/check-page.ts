import { InvalidCursorError, InvalidOptionError } from './errors.ts';
import { foreignText } from './foreign-text.ts';
import type { JobStatus, UploadStatus } from './job.ts';
import { checkOptionNames, type OptionNames } from './option-names.ts';
import { whole } from './options.ts';
import type { JobFilter, PageOptions } from './page.ts';

/** Which uploads of a job are asked for. */
export interface UploadsOptions {
  /** Those of one status. @default all */
  readonly status?: UploadStatus;
}

const uploadStatuses = {
  waiting: true,
  claimed: true,
  complete: true,
  failed: true,
} satisfies Record<UploadStatus, true>;

const jobStatuses = { pending: true, 'in-progress': true, complete: true } satisfies Record<JobStatus, true>;

const jobsPageNames = {
  limit: true,
  cursor: true,
  status: true,
  failed: true,
  paused: true,
  createdFrom: true,
  createdBefore: true,
} satisfies OptionNames<PageOptions & JobFilter>;

/** The most failures that can be asked for at once. */
const mostFailures = 1_000;

/** Refuses what can not be a page. @throws InvalidOptionError, InvalidCursorError */
export function checkPage(page: PageOptions): PageOptions {
  checkOptionNames(page, { limit: true, cursor: true });
  return checkPlace(page);
}

/** Refuses what can not be a page of uploads. @throws InvalidOptionError, InvalidCursorError */
export function checkUploadsPage(page: PageOptions & UploadsOptions): PageOptions & UploadsOptions {
  checkOptionNames(page, { limit: true, cursor: true, status: true });
  checkStatus(page.status, uploadStatuses);
  return checkPlace(page);
}

/** Refuses what can not be a choice of uploads. @throws InvalidOptionError */
export function checkUploadsOptions(options: UploadsOptions): UploadsOptions {
  checkOptionNames(options, { status: true });
  checkStatus(options.status, uploadStatuses);
  return options;
}

/** Refuses what can not be a page of jobs. @throws InvalidOptionError, InvalidCursorError */
export function checkJobsPage(page: PageOptions & JobFilter): PageOptions & JobFilter {
  checkOptionNames(page, jobsPageNames);
  checkStatus(page.status, jobStatuses);
  checkOnlyTrue('failed', page.failed);
  checkOnlyTrue('paused', page.paused);
  checkTime('createdFrom', page.createdFrom);
  checkTime('createdBefore', page.createdBefore);
  return checkPlace(page);
}

/** Refuses what can not be a number of failures. @throws InvalidOptionError */
export function checkFailuresOptions(options: { readonly limit?: number }): { readonly limit?: number } {
  checkOptionNames(options, { limit: true });
  if (options.limit !== undefined) whole('limit', options.limit, 1, mostFailures);
  return options;
}

function checkPlace<Place extends PageOptions>(place: Place): Place {
  const { limit, cursor } = place;
  if (limit !== undefined) whole('limit', limit, 1, Number.MAX_SAFE_INTEGER);
  if (cursor !== undefined && typeof cursor !== 'string') throw new InvalidCursorError();
  return place;
}

function checkStatus(status: unknown, statuses: Readonly<Record<string, true>>): void {
  if (status === undefined) return;
  if (typeof status === 'string' && Object.hasOwn(statuses, status)) return;
  const given = typeof status === 'string' ? `"${foreignText(status, 60)}"` : 'no text';
  const all = Object.keys(statuses).join(', ');
  throw new InvalidOptionError('status', `is ${given}; it must be one of ${all}`);
}

/** `false` could be meant as "those that are not", which can not be asked for. */
function checkOnlyTrue(name: string, value: unknown): void {
  if (value !== undefined && value !== true)
    throw new InvalidOptionError(name, 'can only be true; leave it out for all jobs');
}

function checkTime(name: string, timeMs: number | undefined): void {
  if (timeMs !== undefined) whole(name, timeMs, 0, Number.MAX_SAFE_INTEGER);
}
