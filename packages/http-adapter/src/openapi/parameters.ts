import * as v from 'valibot';

import { eventIdSchema } from '../event-place.ts';
import { idempotencyKeySchema } from '../idempotency-key.ts';
import { jobIdSchema } from '../job-id.ts';
import { cursorSchema, limitSchema } from '../page-query.ts';
import { hostNameSchema } from '../pause-endpoints.ts';
import { uploadStatusSchema } from '../uploads-endpoint.ts';
import { type JsonSchema, parameterSchema } from './schemas.ts';

/** The names of the parameters in the document. */
export type ParameterName =
  | 'jobId'
  | 'host'
  | 'limit'
  | 'cursor'
  | 'status'
  | 'idempotencyKey'
  | 'ifNoneMatch'
  | 'lastEventId'
  | 'after';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: v.GenericSchema;
  readonly example: unknown;
}

const parameters: Readonly<Record<ParameterName, Parameter>> = {
  jobId: {
    name: 'jobId',
    in: 'path',
    description: 'The id that the submit was answered with.',
    schema: jobIdSchema,
    example: '55355b7c-9b86-4a1a-b32e-6cdd6db07183',
  },
  host: {
    name: 'host',
    in: 'path',
    description: 'The name of a host that images go to. One to which nothing goes yet can be paused too.',
    schema: hostNameSchema,
    example: 'imgur',
  },
  limit: {
    name: 'limit',
    in: 'query',
    description: 'How many items a page has at most; 100 unless given.',
    schema: limitSchema,
    example: 100,
  },
  cursor: {
    name: 'cursor',
    in: 'query',
    description: 'Where the page before ended. Taken from its Link header and never made up.',
    schema: cursorSchema,
    example: '100',
  },
  status: {
    name: 'status',
    in: 'query',
    description: 'Only uploads with this status.',
    schema: uploadStatusSchema,
    example: 'failed',
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'A name for this submit, 1 to 255 characters of printable ASCII, in quotes or without. A submit with the same key and the same URLs is the same job, so it can be sent again when its answer was lost.',
    schema: idempotencyKeySchema,
    example: 'order-42',
  },
  lastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    description:
      'The id of the last event that was heard: what came after it is told first. Browsers send it by themselves when they reconnect.',
    schema: eventIdSchema,
    example: '1513961313250-0',
  },
  after: {
    name: 'after',
    in: 'query',
    description: 'The same for a page that was loaded again. Last-Event-ID is the newer of the two.',
    schema: eventIdSchema,
    example: '1513961313250-0',
  },
  ifNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'The ETag of the document that is there already.',
    schema: v.string(),
    example: '"7LnGbTpPkTyuLzv5lCWS1g"',
  },
};

/** Every parameter as the document has it. */
export function namedParameters(): Readonly<Record<ParameterName, JsonSchema>> {
  const entries = Object.entries(parameters).map(([name, { schema, ...facts }]) => [
    name,
    { ...facts, ...(facts.in === 'path' ? { required: true } : {}), schema: parameterSchema(schema) },
  ]);
  return Object.fromEntries(entries);
}
