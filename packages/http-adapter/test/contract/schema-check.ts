import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import type { OpenApiDocument } from './documents.ts';

const home = 'contract:document';

/** Validates values against schemas of a document, and says in a sentence what is wrong. */
export class SchemaCheck {
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor({ components }: OpenApiDocument) {
    this.#ajv = new Ajv2020({ strict: true, strictRequired: false });
    addFormats.default(this.#ajv);
    this.#ajv.addKeyword('components');
    this.#ajv.addSchema({ $id: home, components });
  }

  /** Nothing when the value is as the schema says. */
  faultOf(schema: object, value: unknown): string | undefined {
    const validate = this.#validatorOf(JSON.stringify(schema));
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath || '/'} ${error?.message} ${JSON.stringify(error?.params)}`;
  }

  #validatorOf(schema: string): ValidateFunction {
    const known = this.#validators.get(schema);
    if (known !== undefined) return known;
    const validate = this.#ajv.compile(
      JSON.parse(schema.replaceAll('"#/components/', `"${home}#/components/`)),
    );
    this.#validators.set(schema, validate);
    return validate;
  }
}
