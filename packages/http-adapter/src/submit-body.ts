import * as v from 'valibot';

import { guardJson } from './json-guard.ts';
import { Problem } from './problem.ts';

/** What of a URL can be said without reading it: its scheme, and that it has no control characters. */
const httpUrl = '^[Hh][Tt][Tt][Pp][Ss]?:[^\\u0000-\\u001f\\u007f-\\u009f]+$';

/**
 * What a submit is made of. Keys that are not named here are ignored; of equal keys the last one counts.
 * Only that `urls` is a list is checked here: each URL is for the uploader to judge, which names every one it refuses.
 * The metadata says what a custom check means in JSON Schema.
 */
export const submitBody: v.GenericSchema<unknown, { urls: readonly string[] }> = v.object(
  {
    urls: v.pipe(
      v.custom<readonly string[]>(Array.isArray, 'urls must be a list of URLs'),
      v.metadata({ type: 'array', minItems: 1, items: { type: 'string', pattern: httpUrl } }),
    ),
  },
  'the body must be an object with a list of URLs, as in {"urls": ["https://…"]}',
);

/** What a submit is made of, read. */
export type SubmitBody = v.InferOutput<typeof submitBody>;

/** Reads the body of a submit. */
export function parseSubmitBody(bytes: Uint8Array): SubmitBody {
  guardJson(bytes);
  const { success, output, issues } = v.safeParse(submitBody, parseJson(decode(bytes)), { abortEarly: true });
  if (success) return output;
  throw new Problem('badRequest', issues[0].message);
}

/** UTF-8 and nothing else, with or without a byte order mark (RFC 8259, 8.1). */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem('badRequest', 'the body is not UTF-8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('badRequest', 'the body is not JSON');
  }
}
