import { maxLimit, type ParameterKind } from '../query.ts';
import { defaultLimit as jobsOnPage } from '../read/jobs.ts';
import { defaultLimit as uploadsOnPage } from '../read/uploads.ts';
import type { SchemaName } from './schemas.ts';

/** A parameter of the query. */
export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind | 'watch';
  readonly description: string;
}

/** What one path is for, what it takes and what it answers. */
export interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** Whether it is a POST, which changes something. */
  readonly writes?: true;
  /** What it answers is for writers alone, so that it wants the header of a write. */
  readonly isSecret?: true;
  readonly query?: readonly Parameter[];
  readonly body?: { readonly schema: SchemaName; readonly required: boolean };
  /** The schema of its JSON, or the media type of what else it answers. */
  readonly answers: SchemaName | { readonly type: string };
}

const limit = (unlessGiven: number): Parameter => ({
  name: 'limit',
  kind: 'limit',
  description: `At most so many, from 1 to ${maxLimit}. ${unlessGiven} unless given.`,
});
const cursor: Parameter = {
  name: 'cursor',
  kind: 'cursor',
  description: 'Where to go on: the `next` of the page before, as it is. Left out for the first page.',
};

const timeFormat =
  'A date, as `2026-11-27`, which begins in UTC, or a time with `Z` or its offset, as `2026-11-27T21:00:00Z`, in ISO 8601; or milliseconds since 1970.';

const jobsQuery: readonly Parameter[] = [
  { name: 'id', kind: 'id', description: 'The job of this id alone, if it is one of those asked for.' },
  { name: 'status', kind: 'jobStatus', description: 'Those of one status.' },
  {
    name: 'failed',
    kind: 'flag',
    description: '`true`: those with uploads that are failed now. `false` is the same as leaving it out.',
  },
  {
    name: 'paused',
    kind: 'flag',
    description:
      '`true`: those that are paused themselves and not complete. `false` is the same as leaving it out.',
  },
  { name: 'from', kind: 'time', description: `Created at this time or later. ${timeFormat}` },
  { name: 'before', kind: 'time', description: `Created before this time. ${timeFormat}` },
  limit(jobsOnPage),
  cursor,
];

const uploadsQuery: readonly Parameter[] = [
  {
    name: 'status',
    kind: 'uploadStatus',
    description: 'Those of one status. A page may then be short, or empty, although there is a next one.',
  },
  limit(uploadsOnPage),
  cursor,
];

const live = `Server-sent events, for one EventSource per page. \`hello\` comes first: \`{"version","script","role","now"}\`. Of each thing that is watched a \`change\` comes at once and then when it has changed: \`{"watch","now","value"}\`, the value as its GET answers it. When it can not be read a \`trouble\` comes, \`{"watch","now","problem"}\`, and it is tried again. Who watches the uploads of a job hears \`progress\` as well: \`{"jobId","index","sentBytes","totalBytes"}\`. A reader who is slow is told the newest and skips what was between.`;

const steered = { writes: true, answers: 'JobPageView' } as const;
const pauses = { writes: true, answers: 'PausedAnswer' } as const;
const command = {
  writes: true,
  answers: 'ToldAnswer',
  description: 'Each worker obeys with its next beat. The id `all` stands for all that are not offline.',
} as const;

/** Every operation, by its path below the mount. */
export const operations: Readonly<Record<string, Operation>> = {
  '/': { id: 'page', summary: 'The page', answers: { type: 'text/html' } },
  '/healthz': { id: 'alive', summary: 'Whether anybody is there', answers: 'Alive' },
  '/metrics': { id: 'metrics', summary: 'Metrics for Prometheus', answers: { type: 'text/plain' } },
  '/api/openapi.json': {
    id: 'document',
    summary: 'This document',
    answers: { type: 'application/json' },
  },
  '/api/session': { id: 'session', summary: 'Who looks, and what they may do', answers: 'Session' },
  '/api/live': {
    id: 'live',
    summary: 'Watch',
    description: live,
    query: [
      {
        name: 'watch',
        kind: 'watch',
        description:
          'A path below `/api` with its query, such as `jobs?status=complete`. From 1 to 4 of them.',
      },
    ],
    answers: { type: 'text/event-stream' },
  },
  '/api/overview': { id: 'overview', summary: 'The state of everything at a glance', answers: 'Overview' },
  '/api/paused': { id: 'paused', summary: 'What is paused by hand', answers: 'PausedView' },
  '/api/queue': { id: 'queue', summary: 'What waits and what is held', answers: 'QueueView' },
  '/api/settings': {
    id: 'settings',
    summary: 'The settings in force, here and at the workers',
    answers: 'SettingsView',
  },
  '/api/workers': { id: 'workers', summary: 'The fleet', answers: 'WorkersView' },
  '/api/workers/{workerId}': {
    id: 'worker',
    summary: 'A worker and what it holds',
    answers: 'WorkerView',
  },
  '/api/jobs': {
    id: 'jobs',
    summary: 'Jobs, newest first',
    description:
      'All that is asked for has to hold. A page may be short, or empty, although there is a next one.',
    query: jobsQuery,
    answers: 'JobsView',
  },
  '/api/jobs/{jobId}': { id: 'job', summary: 'A job', answers: 'JobPageView' },
  '/api/jobs/{jobId}/uploads': {
    id: 'uploads',
    summary: 'Its uploads, in the order of the request',
    query: uploadsQuery,
    answers: 'UploadsView',
  },
  '/api/jobs/{jobId}/delete-hashes': {
    id: 'deleteHashes',
    summary: 'What is needed to delete its images at the host',
    description: 'Whoever has it can delete them.',
    isSecret: true,
    answers: 'DeleteHashesView',
  },
  '/api/jobs/{jobId}/cancel': { id: 'cancelJob', summary: 'Cancel a job', ...steered },
  '/api/jobs/{jobId}/retry': {
    id: 'retryJob',
    summary: 'Run its failed uploads again',
    description: 'All of them, or those with the codes in the body.',
    body: { schema: 'RetryBody', required: false },
    ...steered,
  },
  '/api/jobs/{jobId}/pause': { id: 'pauseJob', summary: 'Pause a job', ...steered },
  '/api/jobs/{jobId}/resume': { id: 'resumeJob', summary: 'Resume a job', ...steered },
  '/api/queue/pause': { id: 'pauseQueue', summary: 'Pause the whole queue', ...pauses },
  '/api/queue/resume': { id: 'resumeQueue', summary: 'Resume the whole queue', ...pauses },
  '/api/hosts/{host}/pause': { id: 'pauseHost', summary: 'Pause what goes to a host', ...pauses },
  '/api/hosts/{host}/resume': { id: 'resumeHost', summary: 'Resume what goes to a host', ...pauses },
  '/api/workers/{workerId}/pause': { id: 'pauseWorker', summary: 'Pause a worker', ...command },
  '/api/workers/{workerId}/resume': { id: 'resumeWorker', summary: 'Resume a worker', ...command },
  '/api/workers/{workerId}/drain': { id: 'drainWorker', summary: 'Drain a worker', ...command },
  '/api/workers/{workerId}/resize': {
    id: 'resizeWorker',
    summary: 'Change how many uploads a worker runs at once',
    body: { schema: 'ResizeBody', required: true },
    ...command,
  },
};
