import * as v from 'valibot';

/** An id as jobs have it. The store is never asked for one of another shape. */
export const jobIdSchema: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  v.metadata({ format: 'uuid' }),
);
