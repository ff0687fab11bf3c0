import { version } from '@imgferry/core';
import type { ResolvedOptions } from '../options.ts';
import { type ProblemKind, problemStatuses } from '../problem.ts';
import { parameterKinds } from '../query.ts';
import { looks } from '../read/looks.ts';
import { writeHeader } from '../same-origin.ts';
import { type Operation, operations, type Parameter } from './operations.ts';
import { type JsonSchema, namedSchemas, parameterSchema, type SchemaName, schemaRef } from './schemas.ts';

const description = `The data behind the monitor of imgferry, and what can be steered by it. Who may look and who may steer was chosen where it is mounted, and is asked for every path. A page of another origin gets nothing.

Every error is \`application/problem+json\` (RFC 9457). HEAD works wherever GET does. The schemas name every key that this version answers with; a later one may answer with more, and takes no key of a body that is not named. Times are in milliseconds since 1970, by the clock of the store.`;

/** Describes the monitor as it is mounted, as an OpenAPI 3.1 document. */
export function describeMonitor({ basePath, gate }: Pick<ResolvedOptions, 'basePath' | 'gate'>): JsonSchema {
  const paths = Object.entries(operations).map(([path, operation]) => [path, pathItem(path, operation)]);
  return {
    openapi: '3.1.1',
    info: { title: 'imgferry monitor', version, description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: basePath === '' ? '/' : basePath }],
    security: gate.asksByBasic ? [{ password: [] }] : [],
    paths: Object.fromEntries(paths),
    components: {
      schemas: namedSchemas(),
      ...(gate.asksByBasic ? { securitySchemes: { password: { type: 'http', scheme: 'basic' } } } : {}),
    },
  };
}

function pathItem(path: string, operation: Operation): JsonSchema {
  const { id, summary, description: told = `${summary}.`, body, writes } = operation;
  const described = {
    operationId: id,
    summary,
    description: told,
    parameters: parametersOf(path, operation),
    ...(body === undefined ? {} : { requestBody: { required: body.required, content: jsonOf(body.schema) } }),
    responses: { 200: answerOf(operation), ...problemsOf(path, operation) },
  };
  return { [writes ? 'post' : 'get']: described };
}

function parametersOf(path: string, { query = [], writes, isSecret }: Operation): JsonSchema[] {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    description: pathParameters[name as keyof typeof pathParameters],
    schema: { type: 'string' },
  }));
  const header = {
    name: writeHeader,
    in: 'header',
    required: true,
    description: 'What no page of another origin can send. Every write and every secret needs it.',
    schema: { const: '1' },
  };
  return [...named, ...query.map(queryParameter), ...(writes || isSecret ? [header] : [])];
}

/** What a path names. */
const pathParameters = {
  jobId: 'The id of a job, as its submit was answered.',
  workerId: 'The id of a worker, as the list of workers has it.',
  host: 'The name of a host, as a job has it: `imgur`, unless it is one of your own.',
} as const;

function queryParameter({ name, kind, description: told }: Parameter): JsonSchema {
  if (kind === 'watch')
    return {
      name,
      in: 'query',
      required: true,
      description: told,
      schema: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 4 },
    };
  return { name, in: 'query', description: told, schema: parameterSchema(parameterKinds[kind].schema) };
}

function answerOf({ answers, summary }: Operation): JsonSchema {
  if (typeof answers === 'string') return { description: summary, content: jsonOf(answers) };
  return { description: summary, content: { [answers.type]: {} } };
}

function jsonOf(schema: SchemaName): JsonSchema {
  return { 'application/json': { schema: schemaRef(schema) } };
}

/** What everything can be answered with, and what only some. */
function problemsOf(path: string, { query, body }: Operation): JsonSchema {
  const kinds: ProblemKind[] = [
    'unauthorized',
    'forbidden',
    'methodNotAllowed',
    'tooMany',
    'internal',
    'unavailable',
  ];
  if (path.includes('{')) kinds.push('notFound');
  if (query !== undefined || body !== undefined || Object.hasOwn(looks, path)) kinds.push('badRequest');
  if (body !== undefined) kinds.push('timeout', 'tooLarge', 'unsupportedType');
  const content = { 'application/problem+json': { schema: schemaRef('Problem') } };
  return Object.fromEntries(
    kinds.map((kind) => {
      const [status, title] = problemStatuses[kind];
      return [status, { description: title, content }];
    }),
  );
}
