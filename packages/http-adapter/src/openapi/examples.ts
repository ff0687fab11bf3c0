import type { MappingEntry } from '@imgferry/core';
import type { JobView } from '../job-view.ts';
import type { QueueView } from '../queue-endpoint.ts';
import type { UploadView } from '../uploads-endpoint.ts';

/** One job, as all examples of the document show it. */
export const jobId = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';

const cat = 'https://www.example.com/black-cat.jpg';
const dog = 'https://www.example.com/brown-dog.png';
const gone = 'https://www.example.com/gone.gif';
const catLink = 'https://i.imgur.com/gAGub9k.jpg';

export const sources: readonly string[] = [cat, dog, gone];
export const exampleLinks: readonly string[] = [catLink, 'https://i.imgur.com/skSpO.jpg'];

/** While it is under way. */
export const jobInProgress: JobView = {
  id: jobId,
  created: '2017-12-22T16:48:29.000Z',
  finished: null,
  status: 'in-progress',
  uploaded: { pending: [dog], complete: [catLink], failed: [gone] },
};

/** After a cancel. */
export const jobCancelled: JobView = {
  ...jobInProgress,
  finished: '2017-12-22T16:48:33.250Z',
  status: 'complete',
  uploaded: { pending: [], complete: [catLink], failed: [dog, gone] },
};

export const uploadComplete: UploadView = {
  index: 0,
  url: cat,
  status: 'complete',
  link: catLink,
  failure: null,
  attempts: 1,
  bytes: 48_213,
  type: 'image/jpeg',
  width: 1_024,
  height: 768,
  possiblyDuplicated: false,
  reused: false,
  paused: false,
  started: '2017-12-22T16:48:29.120Z',
  finished: '2017-12-22T16:48:30.480Z',
};

export const uploadFailed: UploadView = {
  ...uploadComplete,
  index: 2,
  url: gone,
  status: 'failed',
  link: null,
  failure: { code: 'source_status', message: 'the source answered 404' },
  bytes: null,
  type: null,
  width: null,
  height: null,
};

export const exampleMapping: readonly MappingEntry[] = [
  { url: cat, link: catLink, status: 'complete', code: null },
  { url: gone, link: null, status: 'failed', code: 'source_status' },
];

export const mappingCsv: string = [
  '"url","link","status","code"',
  `"${cat}","${catLink}","complete",""`,
  `"${gone}","","failed","source_status"`,
  '',
].join('\r\n');

export const queuePaused: QueueView = {
  waiting: 1_200,
  claimed: 8,
  delayed: 3,
  oldestMs: 61_500,
  liveJobs: 4,
  paused: true,
  pausedHosts: [],
};
