import assert from 'node:assert/strict';

import type { Heard } from '../event-parser.ts';
import {
  type HeaderObject,
  type OpenApiDocument,
  type OperationObject,
  type ResponseObject,
  resolved,
} from './documents.ts';
import { requestFault } from './request-fault.ts';
import { SchemaCheck } from './schema-check.ts';

interface Asked {
  readonly method: string;
  /** From the root, with the query. */
  readonly path: string;
}

/** A request as it was sent. */
export interface SentRequest extends Asked {
  readonly headers: Headers;
  /** As text; undefined without one, and where nobody can know it. */
  readonly body: string | undefined;
}

/** An answer as it came. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface EventSchema {
  readonly properties: {
    readonly event: { readonly const: string };
    readonly data: { readonly contentSchema: object };
  };
}

/** An operation, and what its path names. */
export interface FoundOperation {
  readonly operation: OperationObject;
  readonly pathValues: Readonly<Record<string, string>>;
}

export const eventStream = 'text/event-stream';

/** Why a request is refused that a schema can not tell from one that is taken. */
const beyondSchemas: readonly RegExp[] = [
  /not UTF-8|nested deeper than|keys, objects and arrays/,
  /cursor is not one/,
  /at most \d+ are accepted in one job/,
  /URLs are more than the \d+ that may wait at once/,
  /^urls\[\d+\] (contains half|contains a user|is \d+ characters)/,
];

/** Holds what is asked and answered against what a document says of it. Throws for everything that it does not say. */
export class Contract {
  readonly document: OpenApiDocument;
  readonly #schemas: SchemaCheck;
  readonly #events: readonly EventSchema[];
  readonly #shapes: readonly (readonly [template: string, shape: RegExp])[];

  constructor(document: OpenApiDocument) {
    this.document = document;
    this.#schemas = new SchemaCheck(document);
    this.#events = eventsOf(document);
    const prefix = document.servers[0]?.url.replace(/\/$/, '');
    this.#shapes = Object.keys(document.paths).map((template) => [template, shapeOf(prefix + template)]);
  }

  /** What a path leads to, whatever the method. */
  findPath(
    path: string,
  ): { readonly template: string; readonly pathValues: FoundOperation['pathValues'] } | undefined {
    for (const [template, shape] of this.#shapes) {
      const match = shape.exec(path.split('?', 1)[0] ?? '');
      if (match !== null) return { template, pathValues: { ...match.groups } };
    }
    return undefined;
  }

  /** @throws AssertionError when the document says something else */
  check(request: SentRequest, answer: ReadAnswer): void {
    const found = this.checkAnswer(request, answer);
    if (found !== undefined) this.#checkRequest(found, request, answer);
  }

  /**
   * Holds an answer alone, for requests that may be anything.
   * @throws AssertionError when the document says something else
   */
  checkAnswer({ method, path }: Asked, answer: ReadAnswer): FoundOperation | undefined {
    const found = this.findPath(path);
    const operation = found && this.document.paths[found.template]?.[method.toLowerCase()];
    if (found === undefined) this.#checkResponse('notFound', answer);
    else if (operation === undefined) this.#checkOtherMethod(method, answer);
    else {
      this.#checkOperation(operation, method, answer);
      return { operation, pathValues: found.pathValues };
    }
    return undefined;
  }

  /**
   * Holds an event of a stream, as its listener heard it.
   * @throws AssertionError when the document says something else
   */
  checkEvent({ type, id, data }: Heard): void {
    const schema = this.#events.find(({ properties }) => properties.event.const === type);
    assert.ok(schema !== undefined, `the event ${type} is not documented`);
    const fields = { event: type, data: JSON.stringify(data), ...(id === undefined ? {} : { id }) };
    this.#assertValid(schema, fields, `the event ${type}`);
    this.#assertValid(schema.properties.data.contentSchema, data, `the data of the event ${type}`);
  }

  #checkOtherMethod(method: string, answer: ReadAnswer): void {
    const isPreflight = method === 'OPTIONS' && answer.status === 204;
    if (!isPreflight) this.#checkResponse('methodNotAllowed', answer, { bodyless: method === 'HEAD' });
  }

  /** Of what no operation answers. */
  #checkResponse(name: string, answer: ReadAnswer, how: { readonly bodyless?: boolean } = {}): void {
    const response = { $ref: `#/components/responses/${name}` };
    this.#checkParts(resolved(this.document, response), answer, name, how);
  }

  #checkOperation(operation: OperationObject, method: string, answer: ReadAnswer): void {
    const name = `${operation.operationId} ${answer.status}`;
    const response = operation.responses[answer.status];
    assert.ok(response !== undefined, `${name} is not documented: ${answer.text.slice(0, 200)}`);
    this.#checkParts(resolved(this.document, response), answer, name, { bodyless: method === 'HEAD' });
  }

  #checkParts(
    response: ResponseObject,
    answer: ReadAnswer,
    name: string,
    { bodyless = false }: { readonly bodyless?: boolean },
  ): void {
    this.#checkHeaders(response, answer, name);
    if (bodyless || response.content === undefined)
      assert.equal(answer.text, '', `${name} has a body, and is documented without one`);
    else this.#checkBody(response.content, answer, name);
  }

  /** Those that are documented for any answer are, where they come, documented for this one. */
  #checkHeaders({ headers: documented = {} }: ResponseObject, { headers }: ReadAnswer, name: string): void {
    for (const header of Object.keys(this.document.components.headers ?? {}))
      assert.ok(
        !headers.has(header) || header in documented,
        `${name} has the header ${header}, which is not documented`,
      );
    for (const [header, part] of Object.entries(documented)) {
      const { required, schema } = resolved<HeaderObject>(this.document, part);
      const value = headers.get(header);
      assert.ok(value !== null || required !== true, `${name} lacks the header ${header}`);
      if (value !== null)
        this.#assertValid(schema, readText(value, schema), `the header ${header} of ${name}`);
    }
  }

  #checkBody(
    content: NonNullable<ResponseObject['content']>,
    { headers, text }: ReadAnswer,
    name: string,
  ): void {
    const type = String(headers.get('content-type')).split(';', 1)[0] ?? '';
    const media = content[type] ?? content['*/*'];
    assert.ok(media !== undefined, `${name} is ${type}, which is not documented`);
    // Events are held against it one by one, as they come.
    if (media.schema === undefined || type === eventStream) return;
    const value: unknown = /\bjson$/.test(type) ? JSON.parse(text) : text;
    this.#assertValid(media.schema, value, `the body of ${name}`);
  }

  #checkRequest(found: FoundOperation, request: SentRequest, answer: ReadAnswer): void {
    const fault = requestFault(this.document, this.#schemas, found, request);
    const name = `${found.operation.operationId} ${answer.status}`;
    if (answer.status < 400)
      assert.equal(fault, undefined, `${name} is an answer to a request that is not documented`);
    if (answer.status !== 400 || fault !== undefined || request.method === 'HEAD') return;
    const { detail } = JSON.parse(answer.text);
    assert.ok(
      beyondSchemas.some((each) => each.test(detail)),
      `${name} refuses a request that is as documented: ${detail}`,
    );
  }

  #assertValid(schema: object, value: unknown, what: string): void {
    const fault = this.#schemas.faultOf(schema, value);
    assert.equal(fault, undefined, `${what} is not as documented`);
  }
}

/** What the items of streams may be. */
function eventsOf(document: OpenApiDocument): EventSchema[] {
  return Object.values(document.paths).flatMap(({ get }) => {
    const answer = resolved<ResponseObject>(document, get?.responses[200] ?? {});
    const frames = answer.content?.[eventStream]?.schema as { items: { oneOf: EventSchema[] } } | undefined;
    return frames?.items.oneOf ?? [];
  });
}

function shapeOf(template: string): RegExp {
  const literal = template.replace(/[\\^$.*+?()[\]|]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}

/** Headers and parameters are text: one whose schema says that it is a number is read as one, where it is. */
export function readText(text: string, schema: object): unknown {
  const isNumber = 'type' in schema && schema.type === 'integer';
  return isNumber && /^\d+$/.test(text) ? Number(text) : text;
}
