import type { Uploader } from '@imgferry/core';

/** What the endpoints need of an uploader. */
export type ServedUploader = Pick<
  Uploader,
  'submit' | 'job' | 'uploads' | 'jobs' | 'links' | 'cancel' | 'follow'
>;
