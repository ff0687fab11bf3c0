import { toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type * as v from 'valibot';

import { failureCodeSchema } from '../failure-code.ts';
import { retryBody } from '../retry-body.ts';
import { submitBody } from '../submit-body.ts';
import { eventSchemas, jobFacts } from './event-schemas.ts';
import { jobView, mapping, submitted, upload, uploadsPage } from './job-schemas.ts';
import { problem } from './problem-schema.ts';
import { alive, links, queueView, ready } from './service-schemas.ts';

/** A JSON Schema, as data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The data of an event, as `JobFinishedEvent`. */
export type EventSchemaName = `${string}Event`;

/** The names of the schemas in the document. */
export type SchemaName =
  | 'SubmitBody'
  | 'RetryBody'
  | 'Submitted'
  | 'JobView'
  | 'UploadsPage'
  | 'Upload'
  | 'FailureCode'
  | 'Mapping'
  | 'Links'
  | 'JobFacts'
  | EventSchemaName
  | 'QueueView'
  | 'Alive'
  | 'Ready'
  | 'Problem';

/** What goes in and out, by name. One that stands in another is a reference there. */
const schemas: Readonly<Record<SchemaName, v.GenericSchema>> = {
  ...eventDataSchemas(),
  SubmitBody: submitBody,
  RetryBody: retryBody,
  Submitted: submitted,
  JobView: jobView,
  UploadsPage: uploadsPage,
  Upload: upload,
  FailureCode: failureCodeSchema,
  Mapping: mapping,
  Links: links,
  JobFacts: jobFacts,
  QueueView: queueView,
  Alive: alive,
  Ready: ready,
  Problem: problem,
};

function eventDataSchemas(): Record<EventSchemaName, v.GenericSchema> {
  const entries = Object.entries(eventSchemas).map(([name, schema]) => [eventSchemaName(name), schema]);
  return Object.fromEntries(entries);
}

/** `job:finished` as the name of a schema: `JobFinishedEvent`. */
export function eventSchemaName(event: string): EventSchemaName {
  const words = event.split(':').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Event`;
}

type Conversion = NonNullable<Parameters<typeof toJsonSchemaDefs>[1]>;

const conversion: Conversion = {
  target: 'draft-2020-12',
  overrideRef: ({ referenceId }) => schemaRef(referenceId as SchemaName).$ref,
  // A check of our own says in its metadata what it means.
  overrideSchema: ({ valibotSchema }) => (valibotSchema.type === 'custom' ? {} : undefined),
};

/** Every schema that has a name. */
export function namedSchemas(): Readonly<Record<SchemaName, JsonSchema>> {
  return toJsonSchemaDefs(schemas, { ...conversion, typeMode: 'input' }) as Record<SchemaName, JsonSchema>;
}

/** What a parameter is once it is read: a number is text before. */
export function parameterSchema(schema: v.GenericSchema): JsonSchema {
  const { $schema: _, ...converted } = toJsonSchema(schema, { ...conversion, typeMode: 'output' });
  return converted;
}

/** Where a schema with a name is. */
export function schemaRef(name: SchemaName): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
