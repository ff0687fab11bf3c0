import { createFetchHandler, type FetchHandlerOptions } from '@imgferry/http-adapter';
import { createService } from '../a-service.ts';

/** An OpenAPI document, as far as the tests look into it. */
export interface OpenApiDocument {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly tags: readonly { readonly name: string }[];
}

/** One method of one path. What may be a reference is one. */
export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly unknown[];
  readonly requestBody?: BodyObject & { readonly required: boolean };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface BodyObject {
  readonly content: Readonly<Record<string, MediaTypeObject>>;
}

export interface MediaTypeObject {
  readonly schema?: object;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface ResponseObject extends Partial<BodyObject> {
  readonly headers?: Readonly<Record<string, unknown>>;
}

export interface HeaderObject {
  readonly required?: boolean;
  readonly schema: object;
}

export interface ParameterObject extends HeaderObject {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
}

/** The document that a handler with these options serves. */
export async function documentOf(options: FetchHandlerOptions = {}): Promise<OpenApiDocument> {
  const { authorize: _, ...open } = options;
  // `authorize` is in the document and must not keep it from us.
  const asked = options.authorize === undefined ? open : { ...open, authorize: () => undefined };
  const service = createService();
  const handler = createFetchHandler(service.uploader, asked);
  const answer = await handler(
    new Request(`http://service.example${options.basePath ?? ''}/v1/openapi.json`),
  );
  await service.stop();
  return JSON.parse(await answer.text());
}

/** What a reference stands for, or the thing itself. */
export function resolved<Found>(document: OpenApiDocument, part: unknown): Found {
  const ref = (part as { $ref?: string }).$ref;
  const [, kind, name] = ref === undefined ? [] : (/^#\/components\/(\w+)\/([\w-]+)$/.exec(ref) ?? []);
  return (kind === undefined ? part : document.components[kind]?.[String(name)]) as Found;
}
