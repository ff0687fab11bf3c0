import type { ResolvedOptions } from '../options.ts';
import { mapValues } from './map-values.ts';
import type { Answer, Body, Content, Operation } from './operation.ts';
import { problemObject, problemResponses } from './problems.ts';
import { type JsonSchema, schemaRef } from './schemas.ts';

/** An operation as the document has it, with what every operation has. */
export function operationObject(operation: Operation, method: string, options: ResolvedOptions): JsonSchema {
  const { parameters = [], body, answers, problems, open, ...facts } = operation;
  return {
    ...facts,
    ...(parameters.length === 0 ? {} : { parameters: parameters.map((name) => refTo('parameters', name)) }),
    ...(body === undefined ? {} : { requestBody: describeBody(body, options) }),
    responses: {
      ...mapValues(answers, describeAnswer),
      ...problemResponses([...problems, 'methodNotAllowed', ...(open ? [] : ['internal' as const])]),
      ...refusals(operation, method, options),
    },
  };
}

const anything = { '*/*': {} };

/** What is answered to who may not: by the hooks of the application in their own words, and to pages of other origins. */
function refusals({ open, tags }: Operation, method: string, { authorize }: ResolvedOptions): JsonSchema {
  const isAsked = !open && (authorize !== undefined || tags[0] === 'queue');
  const isWrite = method === 'post' || method === 'delete';
  if (!isAsked) return isWrite ? problemResponses(['forbidden']) : {};
  const { description, content } = problemObject('forbidden');
  return {
    401: { description: 'The application wants to know who asks.', content: anything },
    403: {
      description: `The application does not allow it.${isWrite ? ` Or: ${description}` : ''}`,
      content: { ...(isWrite ? (content as object) : {}), ...anything },
    },
  };
}

function describeBody(
  { description: told, required, schema, examples }: Body,
  { maxBodyBytes }: ResolvedOptions,
): JsonSchema {
  return {
    description: `${told} At most ${maxBodyBytes} bytes.`,
    required,
    content: { 'application/json': describeContent({ schema, examples }) },
  };
}

function describeAnswer({ description: told, headers: names = [], content }: Answer): JsonSchema {
  return {
    description: told,
    ...(names.length === 0
      ? {}
      : { headers: Object.fromEntries(names.map((name) => [name, refTo('headers', name)])) }),
    ...(content === undefined ? {} : { content: mapValues(content, describeContent) }),
  };
}

function describeContent({ schema, examples }: Content): JsonSchema {
  return {
    schema: typeof schema === 'string' ? schemaRef(schema) : schema,
    examples: mapValues(examples, (value) => ({ value })),
  };
}

function refTo(kind: string, name: string): JsonSchema {
  return { $ref: `#/components/${kind}/${name}` };
}
