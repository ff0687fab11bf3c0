import type { EventName } from '../event-views.ts';
import { eventSchemas } from './event-schemas.ts';
import { jobId } from './examples.ts';
import type { Paths } from './operation.ts';
import { eventSchemaName, type JsonSchema, schemaRef } from './schemas.ts';

/** What follows these can not be asked for. */
const withoutId: readonly EventName[] = ['snapshot', 'gap', 'upload:progressed'];

const job = {
  id: jobId,
  host: 'imgur',
  status: 'in-progress',
  created: '2017-12-22T16:48:29.000Z',
  started: '2017-12-22T16:48:29.120Z',
  finished: null,
  total: 3,
  waiting: 1,
  claimed: 1,
  complete: 0,
  failed: 1,
  possiblyDuplicated: 0,
  paused: false,
  pausedBy: [],
  cancelled: false,
};
const failed = {
  jobId,
  at: '2017-12-22T16:48:30.480Z',
  index: 2,
  url: 'https://www.example.com/gone.gif',
  failure: { code: 'source_status', message: 'the source answered 404' },
};

/** What happens to a job, as it happens. */
export const eventPaths: Paths = {
  '/v1/images/upload/{jobId}/events': {
    get: {
      operationId: 'followJob',
      tags: ['jobs'],
      summary: 'Hear what happens to a job',
      description: `Server-sent events, for an EventSource. The first is \`snapshot\`, how the job is; what comes behind it happened later. With Last-Event-ID or \`after\` the stream goes on after that event instead. Where history is no longer kept there is a \`gap\`, with the whole view of the job; what comes behind it happened later as well. It has no id: a client that is cut off right after it is told so again. \`upload:progressed\` is a hint: it has no id, comes at most a few times a second and may be left out. The stream ends with \`job:finished\`, and a client that has heard it is answered 204, which keeps an EventSource from coming back. A quiet stream sends comments, and at the beginning \`retry\`. A client that takes nothing for a minute, unless the service has another setting, is cut off. One that comes back with an id while there is no place for it, or while the store is away, gets \`retry\` and the end, because an EventSource gives up at a 503. There is no place when too many streams are open, in all or of one client.`,
      parameters: ['jobId', 'lastEventId', 'after'],
      answers: {
        200: {
          description: 'The stream, which stays open.',
          content: {
            'text/event-stream': {
              schema: {
                type: 'array',
                description:
                  'The events of the stream (WHATWG HTML, 9.2.6), each with its fields. `data` is JSON in one line.',
                items: { oneOf: Object.keys(eventSchemas).map((name) => frameSchema(name as EventName)) },
              },
              examples: {
                beginning: [
                  { event: 'snapshot', data: JSON.stringify({ job }) },
                  { event: 'upload:failed', id: '1513961310480-0', data: JSON.stringify(failed) },
                ],
              },
            },
          },
        },
        204: { description: 'The client has heard all there is.' },
      },
      problems: ['badRequest', 'notFound', 'unavailable'],
    },
  },
};

/** One event with its fields, so that its name says what its data is. */
function frameSchema(name: EventName): JsonSchema {
  const hasId = !withoutId.includes(name);
  return {
    type: 'object',
    properties: {
      event: { const: name },
      ...(hasId ? { id: { type: 'string' } } : {}),
      data: {
        type: 'string',
        contentMediaType: 'application/json',
        contentSchema: schemaRef(eventSchemaName(name)),
      },
    },
    required: ['event', 'data', ...(hasId ? ['id'] : [])],
    additionalProperties: false,
  };
}
