import { type ProblemEntry, type ProblemKind, problemStatuses } from '../problem.ts';
import type { HeaderName } from './headers.ts';
import { type JsonSchema, schemaRef } from './schemas.ts';

interface Told {
  readonly description: string;
  readonly detail: string;
  readonly header?: HeaderName;
  readonly errors?: readonly ProblemEntry[];
}

const told: Readonly<Record<ProblemKind, Told>> = {
  badRequest: {
    description: 'The request is not what it has to be. Nothing was done. `errors` names what can be named.',
    detail: 'urls[3] is not a URL',
    errors: [{ index: 3, pointer: '#/urls/3', reason: 'is not a URL' }],
  },
  forbidden: {
    description: 'A page of another origin may change nothing here, unless the service allows it.',
    detail: 'a page of an origin that the option cors does not name may change nothing here',
  },
  notFound: {
    description: 'There is none of that name, or none any more.',
    detail: 'there is no such job',
  },
  methodNotAllowed: {
    description: 'What any other method is answered with at this path.',
    detail: 'this path does not take that method',
    header: 'Allow',
  },
  notAcceptable: {
    description: 'The Accept header allows none of the types that there are.',
    detail: 'Accept must allow application/json or text/csv',
    errors: [{ header: 'Accept', reason: 'must allow application/json or text/csv' }],
  },
  timeout: {
    description: 'The body took too long to arrive. The connection is closed.',
    detail: 'the body did not arrive within 15000 ms',
  },
  tooLarge: {
    description: 'The body is too large. The connection is closed.',
    detail: 'the body is larger than 1048576 bytes',
  },
  unsupportedType: {
    description: 'The body is not `application/json` in UTF-8, or it is compressed.',
    detail: 'Content-Type must be application/json',
    errors: [{ header: 'Content-Type', reason: 'must be application/json' }],
  },
  keyReused: {
    description: 'The idempotency key was used before for another submit.',
    detail: 'Idempotency-Key was used before for another submit',
    errors: [{ header: 'Idempotency-Key', reason: 'was used before for another submit' }],
  },
  queueFull: {
    description: 'Too many uploads are waiting. Nothing was accepted, and what had failed stays so.',
    detail: 'too many uploads are waiting; submit again later',
    header: 'Retry-After',
  },
  internal: {
    description: 'A fault of the service. It is in its log and not in the answer.',
    detail: 'the request could not be answered because of a fault in the service',
  },
  unavailable: {
    description:
      'The store can not be reached, the service is being stopped, or as many clients as may follow events do.',
    detail: 'the store can not answer now',
    header: 'Retry-After',
  },
};

const mediaType = 'application/problem+json';

/** The answer of each kind of problem, as the document has it. */
export function namedProblems(): Readonly<Record<ProblemKind, JsonSchema>> {
  const entries = Object.keys(told).map((kind) => [kind, problemObject(kind as ProblemKind)]);
  return Object.fromEntries(entries);
}

/** Answers by their status, as an operation has them. */
export function problemResponses(kinds: readonly ProblemKind[]): Readonly<Record<string, JsonSchema>> {
  const entries = kinds.map((kind) => [problemStatuses[kind][0], { $ref: `#/components/responses/${kind}` }]);
  return Object.fromEntries(entries);
}

/** The answer of one kind. */
export function problemObject(kind: ProblemKind): JsonSchema {
  const { description, detail, header, errors } = told[kind];
  const [status, title] = problemStatuses[kind];
  const schema = {
    ...schemaRef('Problem'),
    type: 'object',
    properties: { status: { const: status }, title: { const: title } },
  };
  const value = { type: 'about:blank', title, status, detail, ...(errors === undefined ? {} : { errors }) };
  return {
    description,
    ...(header === undefined ? {} : { headers: { [header]: { $ref: `#/components/headers/${header}` } } }),
    content: { [mediaType]: { schema, examples: { [kind]: { value } } } },
  };
}
