import { exampleLinks } from './examples.ts';
import type { Paths } from './operation.ts';

/** What is there beside jobs. */
export const servicePaths: Paths = {
  '/v1/images': {
    get: {
      operationId: 'listLinks',
      tags: ['images'],
      summary: 'List every link',
      description:
        'The links of all images that this service has uploaded, in the order of completion. Without `limit` and `cursor` all of them, streamed; with one of them a page.',
      parameters: ['limit', 'cursor'],
      answers: {
        200: {
          description: 'All links, or a page of them.',
          headers: ['Link'],
          content: { 'application/json': { schema: 'Links', examples: { two: { uploaded: exampleLinks } } } },
        },
      },
      problems: ['badRequest', 'unavailable'],
    },
  },
  '/v1/openapi.json': {
    get: {
      operationId: 'getDescription',
      tags: ['service'],
      summary: 'Read this document',
      description: 'The description of these endpoints. It is the same until the service is started anew.',
      parameters: ['ifNoneMatch'],
      answers: {
        200: {
          description: 'An OpenAPI 3.1 document.',
          headers: ['ETag'],
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: {
                  openapi: { type: 'string', pattern: '^3\\.1\\.' },
                  info: { type: 'object' },
                  paths: { type: 'object' },
                },
                required: ['openapi', 'info', 'paths'],
              },
              examples: {
                shortened: { openapi: '3.1.1', info: { title: 'imgferry', version: '1.0.0' }, paths: {} },
              },
            },
          },
        },
        304: { description: 'It is the one that If-None-Match names.', headers: ['ETag'] },
      },
      problems: [],
    },
  },
  '/healthz': {
    get: {
      operationId: 'isAlive',
      tags: ['service'],
      summary: 'Ask whether the process answers',
      description: 'Says nothing of the store. For a supervisor that starts the process anew.',
      answers: {
        200: {
          description: 'It answers.',
          content: { 'application/json': { schema: 'Alive', examples: { alive: { status: 'alive' } } } },
        },
      },
      problems: [],
      open: true,
    },
  },
  '/readyz': {
    get: {
      operationId: 'isReady',
      tags: ['service'],
      summary: 'Ask whether the service can work',
      description: 'Reads the store. For a load balancer that sends requests elsewhere.',
      answers: {
        200: {
          description: 'The store was read just now.',
          content: { 'application/json': { schema: 'Ready', examples: { ready: { status: 'ready' } } } },
        },
      },
      problems: ['unavailable', 'internal'],
      open: true,
    },
  },
};
