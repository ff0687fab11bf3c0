import { toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type * as v from 'valibot';

import { submitBody } from '../submit-body.ts';
import { jobStatus, jobView, submitted, upload, uploadsPage } from './job-schemas.ts';
import { problem } from './problem-schema.ts';
import { alive, links, ready } from './service-schemas.ts';
import { failureCode } from './wire-schemas.ts';

/** A JSON Schema, as data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The names of the schemas in the document. */
export type SchemaName =
  | 'SubmitBody'
  | 'Submitted'
  | 'JobView'
  | 'JobStatus'
  | 'UploadsPage'
  | 'Upload'
  | 'FailureCode'
  | 'Links'
  | 'Alive'
  | 'Ready'
  | 'Problem';

/** What goes in and out, by name. One that stands in another is a reference there. */
const schemas: Readonly<Record<SchemaName, v.GenericSchema>> = {
  SubmitBody: submitBody,
  Submitted: submitted,
  JobView: jobView,
  JobStatus: jobStatus,
  UploadsPage: uploadsPage,
  Upload: upload,
  FailureCode: failureCode,
  Links: links,
  Alive: alive,
  Ready: ready,
  Problem: problem,
};

type Conversion = NonNullable<Parameters<typeof toJsonSchemaDefs>[1]>;

const conversion: Conversion = {
  target: 'draft-2020-12',
  typeMode: 'output',
  overrideRef: ({ referenceId }) => schemaRef(referenceId as SchemaName).$ref,
  // A check of our own says in its metadata what it means.
  overrideSchema: ({ valibotSchema }) => (valibotSchema.type === 'custom' ? {} : undefined),
};

/** Every schema that has a name. */
export function namedSchemas(): Readonly<Record<SchemaName, JsonSchema>> {
  return toJsonSchemaDefs(schemas, conversion) as Record<SchemaName, JsonSchema>;
}

/** A schema without a name, for example of a parameter. */
export function jsonSchemaOf(schema: v.GenericSchema): JsonSchema {
  const { $schema: _, ...converted } = toJsonSchema(schema, conversion);
  return converted;
}

/** Where a schema with a name is. */
export function schemaRef(name: SchemaName): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
