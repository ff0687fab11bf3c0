import type { Upload } from '../job.ts';

const STARTED_AT = Date.UTC(2017, 11, 22, 16, 48, 30);

/**
 * An upload for a test: the first of `job-1`, waiting, apart from what is given. What is not given follows from the
 * status: a complete one has a link, a type and a size, a failed one a failure.
 */
export function anUpload(facts: Partial<Upload> = {}): Upload {
  const { index = 0, status = 'waiting' } = facts;
  const settled = status === 'complete' || status === 'failed';
  const begun = settled || status === 'claimed';
  return {
    jobId: 'job-1',
    index,
    url: `https://pictures.example/${index}.png`,
    status,
    link: status === 'complete' ? `https://i.imgur.com/picture${index}.png` : null,
    failure: status === 'failed' ? { code: 'source_status', message: 'the source answered 404' } : null,
    attempts: begun ? 1 : 0,
    bytes: status === 'complete' ? 1_000 : null,
    type: status === 'complete' ? 'image/png' : null,
    width: null,
    height: null,
    possiblyDuplicated: false,
    reused: false,
    paused: false,
    startedAt: begun ? STARTED_AT : null,
    finishedAt: settled ? STARTED_AT + 1_000 : null,
    ...facts,
  };
}
