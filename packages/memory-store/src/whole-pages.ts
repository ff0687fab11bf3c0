import type { UploadPage } from '@imgferry/core';
import type { JobRecord } from './job-record.ts';

/** Of longer jobs no page is kept. */
const MOST_UPLOADS = 1_000;

interface Kept {
  readonly changes: number;
  readonly page: WeakRef<UploadPage>;
}

/**
 * Keeps of each job the page that is all of it, until something of the job changes or the memory is wanted: progress is asked
 * for far more often than there is any. Who asks again is answered the same page, and knows by that that nothing has changed.
 */
export class WholePages {
  readonly #kept = new WeakMap<JobRecord, Kept>();

  /** What `read` answers, which has to be all of an unpaused job, or the page that it has answered before. */
  read(job: JobRecord, read: () => UploadPage): UploadPage {
    const { changes } = job;
    const kept = this.#kept.get(job);
    const known = kept?.changes === changes ? kept.page.deref() : undefined;
    if (known !== undefined || job.urls.length > MOST_UPLOADS) return known ?? read();
    const page = frozen(read());
    this.#kept.set(job, { changes, page: new WeakRef(page) });
    return page;
  }
}

/** Many have it. */
function frozen(page: UploadPage): UploadPage {
  for (const upload of page.items) Object.freeze(upload);
  Object.freeze(page.items);
  return Object.freeze(page);
}
