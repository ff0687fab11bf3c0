import type { Uploader } from '@imgferry/core';

/** What the endpoints need of an uploader. */
export type ServedUploader = Pick<
  Uploader,
  | 'submit'
  | 'job'
  | 'uploads'
  | 'mapping'
  | 'jobs'
  | 'links'
  | 'cancel'
  | 'retry'
  | 'pause'
  | 'resume'
  | 'stats'
  | 'follow'
>;
