import { InvalidCursorError, InvalidOptionError } from './errors.ts';
import { foreignText } from './foreign-text.ts';
import type { UploadStatus } from './job.ts';
import { checkOptionNames } from './option-names.ts';
import { whole } from './options.ts';
import type { PageOptions } from './page.ts';

/** Which uploads of a job are asked for. */
export interface UploadsOptions {
  /** Those of one status. @default all */
  readonly status?: UploadStatus;
}

const statuses = {
  waiting: true,
  claimed: true,
  complete: true,
  failed: true,
} satisfies Record<UploadStatus, true>;

/** Refuses what can not be a page. @throws InvalidOptionError, InvalidCursorError */
export function checkPage(page: PageOptions): PageOptions {
  checkOptionNames(page, { limit: true, cursor: true });
  return checkPlace(page);
}

/** Refuses what can not be a page of uploads. @throws InvalidOptionError, InvalidCursorError */
export function checkUploadsPage(page: PageOptions & UploadsOptions): PageOptions & UploadsOptions {
  checkOptionNames(page, { limit: true, cursor: true, status: true });
  checkStatus(page);
  return checkPlace(page);
}

/** Refuses what can not be a choice of uploads. @throws InvalidOptionError */
export function checkUploadsOptions(options: UploadsOptions): UploadsOptions {
  checkOptionNames(options, { status: true });
  return checkStatus(options);
}

function checkPlace<Place extends PageOptions>(place: Place): Place {
  const { limit, cursor } = place;
  if (limit !== undefined) whole('limit', limit, 1, Number.MAX_SAFE_INTEGER);
  if (cursor !== undefined && typeof cursor !== 'string') throw new InvalidCursorError();
  return place;
}

function checkStatus(options: UploadsOptions): UploadsOptions {
  const status: unknown = options.status;
  if (status === undefined) return options;
  if (typeof status === 'string' && Object.hasOwn(statuses, status)) return options;
  const given = typeof status === 'string' ? `"${foreignText(status, 60)}"` : 'no text';
  const all = Object.keys(statuses).join(', ');
  throw new InvalidOptionError('status', `is ${given}; it must be one of ${all}`);
}
