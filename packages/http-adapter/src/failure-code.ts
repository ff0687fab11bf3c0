import * as v from 'valibot';

import { type FailureCode, failureCodes } from '@imgferry/core';

/** Why an upload failed, as a body names it and as answers do. */
export const failureCodeSchema: v.GenericSchema<FailureCode> = v.pipe(
  v.picklist(Object.keys(failureCodes) as FailureCode[], 'is not a failure code'),
  v.description(
    'What each means, and what to do about it, is in the README of @imgferry/core. A newer worker of the fleet may tell of others.',
  ),
);
