import type { Uploader } from '@imgferry/core';

/** What a monitor needs of an uploader. */
export type MonitoredUploader = Pick<
  Uploader,
  | 'job'
  | 'jobs'
  | 'uploads'
  | 'recentFailures'
  | 'stats'
  | 'budget'
  | 'workers'
  | 'settings'
  | 'workerId'
  | 'cancel'
  | 'retry'
  | 'pause'
  | 'resume'
  | 'command'
  | 'deleteHashes'
  | 'follow'
>;
