import * as v from 'valibot';

/**
 * What a submit is made of. Keys that are not named here are ignored.
 * Only that `urls` is a list is checked here: each URL is for the uploader to judge, which names every one it refuses.
 */
export const submitBody: v.GenericSchema<unknown, { urls: readonly string[] }> = v.object({
  urls: v.custom<readonly string[]>(Array.isArray, 'must be a list of URLs, as in {"urls": ["https://…"]}'),
});
