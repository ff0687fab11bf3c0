import * as v from 'valibot';

import type { RetrySelection } from '@imgferry/core';
import { failureCodeSchema } from './failure-code.ts';

/**
 * Which failed uploads of a job to run again: those that match both lists; without a list, all. An empty list matches
 * none. A key that is not named here is refused: whoever misspells one would run again more than they chose.
 */
export const retryBody: v.GenericSchema<unknown, RetrySelection> = v.pipe(
  v.strictObject({
    urls: v.optional(v.array(v.string('is not a text'), 'must be a list of URLs')),
    codes: v.optional(v.array(failureCodeSchema, 'must be a list of failure codes')),
  }),
  v.transform(({ urls, codes }) => ({
    ...(urls === undefined ? {} : { urls }),
    ...(codes === undefined ? {} : { codes }),
  })),
);
