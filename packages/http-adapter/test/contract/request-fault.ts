import { type FoundOperation, readText, type SentRequest } from './contract.ts';
import { type OpenApiDocument, type OperationObject, type ParameterObject, resolved } from './documents.ts';
import type { SchemaCheck } from './schema-check.ts';

/** What of a request is not as its operation says; nothing when all is. */
export function requestFault(
  document: OpenApiDocument,
  schemas: SchemaCheck,
  { operation, pathValues }: FoundOperation,
  request: SentRequest,
): string | undefined {
  const query = new URLSearchParams(request.path.split('?')[1] ?? '');
  const valuesOf = ({ name, in: place }: ParameterObject): readonly string[] => {
    if (place === 'query') return query.getAll(name);
    const value = place === 'path' ? decodeURIComponent(pathValues[name] ?? '') : request.headers.get(name);
    return value === null ? [] : [value];
  };
  for (const part of operation.parameters ?? []) {
    const parameter = resolved<ParameterObject>(document, part);
    const fault = parameterFault(schemas, parameter, valuesOf(parameter));
    if (fault !== undefined) return fault;
  }
  return bodyFault(schemas, operation, request);
}

function parameterFault(
  schemas: SchemaCheck,
  { name, required, schema }: ParameterObject,
  values: readonly string[],
): string | undefined {
  if (values.length > 1) return `${name} is given more than once`;
  const [value] = values;
  if (value === undefined) return required ? `${name} is missing` : undefined;
  const fault = schemas.faultOf(schema, readText(value, schema));
  return fault === undefined ? undefined : `${name}: ${fault}`;
}

function bodyFault(
  schemas: SchemaCheck,
  { requestBody }: OperationObject,
  { headers, body }: SentRequest,
): string | undefined {
  if (requestBody === undefined || body === undefined) return undefined;
  if (body === '') return requestBody.required ? 'the body is missing' : undefined;
  const type = String(headers.get('content-type')).split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const schema = requestBody.content[type]?.schema;
  if (schema === undefined) return `the body is ${type}`;
  try {
    return schemas.faultOf(schema, JSON.parse(body.replace(/^\ufeff/, '')));
  } catch {
    return 'the body is not JSON';
  }
}
