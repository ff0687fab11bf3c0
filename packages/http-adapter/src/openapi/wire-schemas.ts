import * as v from 'valibot';

/** A time as every answer writes it. */
export const time: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  v.metadata({ format: 'date-time' }),
);

/** A URL of a source, as it was sent. */
export const sourceUrl: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.description('The URL of a source, exactly as it was sent.'),
);

/** What the host made of an image. */
export const link: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.description("The public URL that the host gave the image, the host's link."),
);

/** From 0. */
export const count: v.GenericSchema<number> = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A place in the list of a submit. */
export const place: v.GenericSchema<number> = v.pipe(
  count,
  v.description('The place in its job, from 0, in the order of the request.'),
);
