import assert from 'node:assert/strict';

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

import { describeMonitor } from '../src/openapi/document.ts';
import { exactSchemas } from '../src/openapi/schemas.ts';
import { resolveOptions } from '../src/options.ts';
import { pathPattern } from '../src/path-pattern.ts';

interface Responses {
  readonly [status: string]: { readonly content: Readonly<Record<string, { readonly schema?: object }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
  readonly components: object;
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

const document = JSON.parse(
  JSON.stringify(
    describeMonitor({ basePath: '', gate: resolveOptions({ access: { anonymous: 'read' } }).gate }),
  ),
) as Document;

const paths = Object.keys(document.paths).map((path) => ({ path, fits: pathPattern(path) }));

/** The same asking, of which no answer is taken that the document does not have. */
export function heldToTheDocument(ask: Ask, basePath: string): Ask {
  return async (path, init = {}) => {
    const answer = await ask(path, init);
    const { pathname } = new URL(path, 'http://localhost');
    const found = paths.find(({ fits }) => fits(pathname.slice(basePath.length)) !== undefined);
    const method = (init.method ?? 'GET').toLowerCase().replace('head', 'get');
    const operation = found === undefined ? undefined : document.paths[found.path]?.[method];
    if (operation === undefined) return answer;
    const responses = operation.responses[answer.status];
    assert(responses, `${method} ${found?.path} ${answer.status} is not in the document`);
    const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
    const media = responses.content[type];
    assert(media, `${method} ${found?.path} ${answer.status} answers ${type}, which is not in the document`);
    if (media.schema !== undefined && init.method !== 'HEAD') {
      const value: unknown = await answer.clone().json();
      check(media.schema, value);
      checkAsPublished(media.schema, value);
    }
    return answer;
  };
}

/** Throws when a value is not as a schema of the document says. */
type Check = (schema: object, value: unknown) => void;

/** By what this version answers with, and nothing more. */
export const check: Check = checking({ schemas: exactSchemas() });
/** By what is published, which a later version may answer with as well. */
export const checkAsPublished: Check = checking(document.components);

function checking(components: object): Check {
  const home = 'monitor:document';
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
  ajv.addKeyword('components');
  ajv.addSchema({ $id: home, components });
  const validators = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', `"${home}#/components/`);
    const validate = validators.get(text) ?? ajv.compile(JSON.parse(text));
    validators.set(text, validate);
    assert(validate(value), `${JSON.stringify(validate.errors)} of ${JSON.stringify(value).slice(0, 500)}`);
  };
}
