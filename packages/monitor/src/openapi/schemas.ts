import { toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import * as v from 'valibot';

import { maxTextLength, type ProblemView } from '../problem.ts';
import type { DeleteHashesView, PausedAnswer, Session, ToldAnswer } from '../views/index.ts';
import { retryBody } from '../write/steer-job.ts';
import { resizeBody } from '../write/steer-workers.ts';
import { queue, settings, worker, workers } from './fleet-schemas.ts';
import { jobPage, jobs, uploads } from './job-schemas.ts';
import { overview, paused } from './overview-schemas.ts';
import { count } from './wire-schemas.ts';

/** A JSON Schema, as data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const session: v.GenericSchema<Session> = v.strictObject({
  role: v.picklist(['read', 'write']),
  user: v.pipe(v.nullable(v.string()), v.description('Null when nobody had to sign in.')),
  version: v.string(),
});

const deleteHashes: v.GenericSchema<DeleteHashesView> = v.strictObject({
  deleteHashes: v.array(v.strictObject({ index: count, link: v.string(), deleteHash: v.string() })),
});

const pausedAnswer: v.GenericSchema<PausedAnswer> = v.strictObject({ paused });
const told: v.GenericSchema<ToldAnswer> = v.strictObject({ told: count });

const words = v.pipe(v.string(), v.maxLength(maxTextLength));

const problem: v.GenericSchema<ProblemView> = v.strictObject({
  type: v.literal('about:blank'),
  title: v.pipe(v.string(), v.description('The name of the status.')),
  status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
  detail: v.pipe(words, v.description('What is wrong, for people.')),
  errors: v.exactOptional(
    v.pipe(
      v.array(
        v.strictObject({
          pointer: v.exactOptional(
            v.pipe(words, v.description('The place in the body: a JSON Pointer as the fragment of a URI.')),
          ),
          parameter: v.exactOptional(v.pipe(words, v.description('The parameter of the query.'))),
          header: v.exactOptional(v.pipe(words, v.description('The header of the request.'))),
          reason: words,
        }),
      ),
      v.minLength(1),
    ),
  ),
});

/** The names of the schemas in the document. */
export type SchemaName =
  | 'Session'
  | 'Overview'
  | 'PausedView'
  | 'QueueView'
  | 'SettingsView'
  | 'WorkersView'
  | 'WorkerView'
  | 'JobsView'
  | 'JobPageView'
  | 'UploadsView'
  | 'DeleteHashesView'
  | 'PausedAnswer'
  | 'ToldAnswer'
  | 'RetryBody'
  | 'ResizeBody'
  | 'Alive'
  | 'Problem';

type BodyName = 'RetryBody' | 'ResizeBody';

/** What comes in, by name: with nothing but what is known. */
const bodies: Readonly<Record<BodyName, v.GenericSchema>> = {
  RetryBody: retryBody,
  ResizeBody: resizeBody,
};

/** What goes out, by name. One that stands in another is a reference there. */
const answers: Readonly<Record<Exclude<SchemaName, BodyName>, v.GenericSchema>> = {
  Session: session,
  Overview: overview,
  PausedView: paused,
  QueueView: queue,
  SettingsView: settings,
  WorkersView: workers,
  WorkerView: worker,
  JobsView: jobs,
  JobPageView: jobPage,
  UploadsView: uploads,
  DeleteHashesView: deleteHashes,
  PausedAnswer: pausedAnswer,
  ToldAnswer: told,
  Alive: v.strictObject({ status: v.literal('alive') }),
  Problem: problem,
};

/** Every schema that has a name, as this version has it: no answer has a key more. */
export function exactSchemas(): JsonSchema {
  return toJsonSchemaDefs(
    { ...bodies, ...answers },
    {
      target: 'draft-2020-12',
      typeMode: 'input',
      overrideRef: ({ referenceId }) => schemaRef(referenceId as SchemaName).$ref,
    },
  );
}

/** The same as it is published. A client that was made of it lasts: answers may have more than is known by now. */
export function namedSchemas(): JsonSchema {
  const named = Object.entries(exactSchemas());
  return Object.fromEntries(
    named.map(([name, schema]) => [name, Object.hasOwn(bodies, name) ? schema : opened(schema)]),
  );
}

/** Without what shuts out other keys, and other values than those of its examples. */
function opened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(opened);
  if (typeof schema !== 'object' || schema === null) return schema;
  const isShut = (key: string): boolean =>
    key === 'additionalProperties' || (key === 'enum' && 'examples' in schema);
  const kept = Object.entries(schema).filter(([key]) => !isShut(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, opened(value)]));
}

/** A parameter as it is sent. */
export function parameterSchema(schema: v.GenericSchema): JsonSchema {
  const { $schema: _, ...converted } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode: 'input',
  });
  return converted;
}

/** Where a schema with a name is. */
export function schemaRef(name: SchemaName): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
