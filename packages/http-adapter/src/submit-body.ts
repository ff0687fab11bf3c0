import * as v from 'valibot';

/** What of a URL can be said without reading it: its scheme, and that it has no control characters. */
const httpUrl = '^[Hh][Tt][Tt][Pp][Ss]?:[^\\u0000-\\u001f\\u007f-\\u009f]+$';

/**
 * What a submit is made of. Keys that are not named here are ignored.
 * Only that `urls` is a list is checked here: each URL is for the uploader to judge, which names every one it refuses.
 * The metadata says what a custom check means in JSON Schema.
 */
export const submitBody: v.GenericSchema<unknown, { urls: readonly string[] }> = v.object({
  urls: v.pipe(
    v.custom<readonly string[]>(Array.isArray, 'must be a list of URLs, as in {"urls": ["https://…"]}'),
    v.metadata({ type: 'array', minItems: 1, items: { type: 'string', pattern: httpUrl } }),
  ),
});
