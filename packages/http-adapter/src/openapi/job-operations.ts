import {
  exampleMapping,
  jobCancelled,
  jobId,
  jobInProgress,
  mappingCsv,
  sources,
  uploadComplete,
  uploadFailed,
} from './examples.ts';
import type { Answer, Content, Operation, Paths } from './operation.ts';

const csv: Content = {
  schema: {
    type: 'string',
    description:
      'RFC 4180 with a header, every field in quotes. A field that a spreadsheet would take for a formula begins with an apostrophe.',
  },
  examples: { two: mappingCsv },
};

const steering: Omit<Operation, 'operationId' | 'summary' | 'description'> = {
  tags: ['jobs'],
  parameters: ['jobId'],
  answers: {
    200: {
      description: 'The job. Its view does not say that it is paused; its uploads do.',
      content: { 'application/json': { schema: 'JobView', examples: { inProgress: jobInProgress } } },
    },
  },
  problems: ['notFound', 'unavailable'],
};

/** Submitting a job, looking at it and steering it. */
export const jobPaths: Paths = {
  '/v1/images/upload': {
    post: {
      operationId: 'submitJob',
      tags: ['jobs'],
      summary: 'Submit a job',
      description:
        'Takes a list of URLs in and answers at once; the images are fetched and uploaded afterwards. All URLs are accepted or none: one is refused for its syntax, its scheme, a user name in it, control characters or its length. Equal URLs are one upload, in the place of the first. How many URLs a job may have and how long they may be is a setting of the service, 10,000 and 8,192 characters unless it has others; a job of more URLs than may wait there at once is refused too. Keys that are not known are ignored.',
      parameters: ['idempotencyKey'],
      body: {
        description: 'The URLs, as JSON in UTF-8 that is not compressed.',
        required: true,
        schema: 'SubmitBody',
        examples: { threeImages: { urls: sources } },
      },
      answers: {
        202: accepted('The job is kept and can be read.'),
      },
      problems: [
        'badRequest',
        'timeout',
        'tooLarge',
        'unsupportedType',
        'keyReused',
        'queueFull',
        'unavailable',
      ],
    },
  },
  '/v1/images/upload/{jobId}': {
    get: {
      operationId: 'getJob',
      tags: ['jobs'],
      summary: 'See how far a job is',
      description:
        'The job with all its URLs: what is pending, the links of what is complete, and what failed. A job is kept for at least seven days after it was finished, unless the service has another setting.',
      parameters: ['jobId'],
      answers: {
        200: {
          description: 'The job.',
          content: { 'application/json': { schema: 'JobView', examples: { inProgress: jobInProgress } } },
        },
      },
      problems: ['notFound', 'unavailable'],
    },
    delete: {
      operationId: 'cancelJob',
      tags: ['jobs'],
      summary: 'Cancel a job',
      description:
        'What has no outcome yet fails with the code `cancelled`; links that are there stay. Cancelling a complete job changes nothing, so it can be sent again.',
      parameters: ['jobId'],
      answers: {
        200: {
          description: 'The job, which is complete now.',
          content: { 'application/json': { schema: 'JobView', examples: { cancelled: jobCancelled } } },
        },
      },
      problems: ['notFound', 'unavailable'],
    },
  },
  '/v1/images/upload/{jobId}/uploads': {
    get: {
      operationId: 'listUploads',
      tags: ['jobs'],
      summary: 'List the uploads of a job',
      description:
        'All that is known of each upload, in the order of the request, a page at a time. As CSV it is the mapping: all of it, or with `limit` or `cursor` a page. With `status` a page may be short, or empty, although there is a next one.',
      parameters: ['jobId', 'limit', 'cursor', 'status'],
      answers: {
        200: {
          description: 'A page of uploads.',
          headers: ['Link', 'Content-Disposition'],
          content: {
            'application/json': {
              schema: 'UploadsPage',
              examples: { oneOfEach: { uploads: [uploadComplete, uploadFailed] } },
            },
            'text/csv': csv,
          },
        },
      },
      problems: ['badRequest', 'notFound', 'notAcceptable', 'unavailable'],
    },
  },
  '/v1/images/upload/{jobId}/mapping': {
    get: {
      operationId: 'getMapping',
      tags: ['jobs'],
      summary: 'Get the new link of every old URL',
      description:
        'What became of each URL of a job, in the order of the request, streamed however long it is. As JSON, or as CSV when the Accept header likes that better.',
      parameters: ['jobId', 'status'],
      answers: {
        200: {
          description: 'The whole mapping, or the part of it with one status.',
          headers: ['Content-Disposition'],
          content: {
            'application/json': { schema: 'Mapping', examples: { two: { mapping: exampleMapping } } },
            'text/csv': csv,
          },
        },
      },
      problems: ['badRequest', 'notFound', 'notAcceptable', 'unavailable'],
    },
  },
  '/v1/images/upload/{jobId}/retry': {
    post: {
      operationId: 'retryJob',
      tags: ['jobs'],
      summary: 'Run failed uploads again',
      description:
        'Runs the failed uploads of a job once more: all of them, or those that match every list in the body. When nothing matches nothing changes, and when too many uploads would wait nothing does either: then the answer is 429, without Retry-After when more are to run again than may ever wait. A key that is not known is refused, because without it more would run again than was chosen.',
      parameters: ['jobId'],
      body: {
        description:
          'Which failed uploads. It may be left out, which is all of them; an empty list matches none.',
        required: false,
        schema: 'RetryBody',
        examples: {
          byCode: { codes: ['source_unavailable', 'source_timeout'] },
          byUrl: { urls: sources.slice(2) },
        },
      },
      answers: { 202: accepted('The job runs again, as far as something matched.') },
      problems: [
        'badRequest',
        'notFound',
        'timeout',
        'tooLarge',
        'unsupportedType',
        'queueFull',
        'unavailable',
      ],
    },
  },
  '/v1/images/upload/{jobId}/pause': {
    post: {
      ...steering,
      operationId: 'pauseJob',
      summary: 'Pause a job',
      description:
        'Begins none of its uploads until it is resumed; what runs is finished. Pausing twice is pausing once. A body is not read.',
    },
  },
  '/v1/images/upload/{jobId}/resume': {
    post: {
      ...steering,
      operationId: 'resumeJob',
      summary: 'Resume a job',
      description: 'Ends a pause. Resuming what is not paused changes nothing. A body is not read.',
    },
  },
};

/** The answer to what a job will do from now on. */
function accepted(description: string): Answer {
  return {
    description,
    headers: ['Location'],
    content: { 'application/json': { schema: 'Submitted', examples: { submitted: { jobId } } } },
  };
}
