import { jobCancelled, jobId, jobInProgress, sources, uploadComplete, uploadFailed } from './examples.ts';
import type { Paths } from './operation.ts';

/** Submitting a job, looking at it and steering it. */
export const jobPaths: Paths = {
  '/v1/images/upload': {
    post: {
      operationId: 'submitJob',
      tags: ['jobs'],
      summary: 'Submit a job',
      description:
        'Takes a list of URLs in and answers at once; the images are fetched and uploaded afterwards. All URLs are accepted or none: one is refused for its syntax, its scheme, a user name in it, control characters or its length. Equal URLs are one upload, in the place of the first. How many URLs a job may have and how long they may be is a setting of the service, 10,000 and 8,192 characters unless it has others. Keys that are not known are ignored.',
      parameters: ['idempotencyKey'],
      body: {
        description: 'The URLs, as JSON in UTF-8 that is not compressed.',
        required: true,
        schema: 'SubmitBody',
        examples: { threeImages: { urls: sources } },
      },
      answers: {
        202: {
          description: 'The job is kept and can be read.',
          headers: ['Location'],
          content: { 'application/json': { schema: 'Submitted', examples: { submitted: { jobId } } } },
        },
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
      description: 'All that is known of each upload, in the order of the request, a page at a time.',
      parameters: ['jobId', 'limit', 'cursor', 'status'],
      answers: {
        200: {
          description: 'A page of uploads.',
          headers: ['Link'],
          content: {
            'application/json': {
              schema: 'UploadsPage',
              examples: { oneOfEach: { uploads: [uploadComplete, uploadFailed] } },
            },
          },
        },
      },
      problems: ['badRequest', 'notFound', 'unavailable'],
    },
  },
};
