import * as v from 'valibot';

import { type FailureCode, failureCodes } from '@imgferry/core';

/** From 0. */
export const count: v.GenericSchema<number> = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A time as every answer writes it. */
export const time: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.description('In milliseconds since 1970, by the clock of the store.'),
);

/** A length of time. */
export const duration: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.minValue(0),
  v.description('In milliseconds.'),
);

/** A source's URL. */
export const url: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.description(
    'The URL of a source. Its query, which may be a signature, is left out unless the monitor shows it.',
  ),
);

/** Why an upload failed. */
export const failureCode: v.GenericSchema<FailureCode> = v.pipe(
  v.picklist(Object.keys(failureCodes) as FailureCode[]),
  v.description('A newer worker of the fleet may tell of others.'),
);
