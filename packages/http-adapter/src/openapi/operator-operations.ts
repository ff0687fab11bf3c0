import { queuePaused } from './examples.ts';
import type { Operation, Paths } from './operation.ts';

const shown: Omit<Operation, 'operationId' | 'summary' | 'description'> = {
  tags: ['queue'],
  answers: {
    200: {
      description: 'The queue as it is now.',
      content: { 'application/json': { schema: 'QueueView', examples: { paused: queuePaused } } },
    },
  },
  problems: ['unavailable'],
};

/** The whole queue; there only with the option `operator`. */
export const operatorPaths: Paths = {
  '/v1/queue': {
    get: {
      ...shown,
      operationId: 'getQueue',
      summary: 'See what waits',
      description: 'How many uploads wait and run, for how long, and what is paused.',
    },
  },
  '/v1/queue/pause': {
    post: {
      ...shown,
      operationId: 'pauseQueue',
      summary: 'Pause everything',
      description:
        'Begins no upload of any job until the queue is resumed; what runs is finished, and jobs are still taken in. A body is not read.',
    },
  },
  '/v1/queue/resume': {
    post: {
      ...shown,
      operationId: 'resumeQueue',
      summary: 'Resume everything',
      description:
        'Ends the pause of the queue. Jobs and hosts that are paused by themselves stay so. A body is not read.',
    },
  },
  '/v1/hosts/{host}/pause': {
    post: {
      ...shown,
      operationId: 'pauseHost',
      summary: 'Pause what goes to a host',
      description:
        'Begins no upload to this host until it is resumed; what runs is finished. A body is not read.',
      parameters: ['host'],
      problems: ['notFound', 'unavailable'],
    },
  },
  '/v1/hosts/{host}/resume': {
    post: {
      ...shown,
      operationId: 'resumeHost',
      summary: 'Resume what goes to a host',
      description:
        "Ends a pause of this host. One that the host's own limits asked for goes on. A body is not read.",
      parameters: ['host'],
      problems: ['notFound', 'unavailable'],
    },
  },
};
