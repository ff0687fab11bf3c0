import * as v from 'valibot';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is an id as jobs have it. The store is never asked for one of another shape. */
export function isJobId(text: string): boolean {
  return uuid.test(text);
}

/** The same as a schema. */
export const jobIdSchema: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(uuid),
  v.metadata({ format: 'uuid' }),
);
