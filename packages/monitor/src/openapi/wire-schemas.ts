import * as v from 'valibot';

import { type FailureCode, failureCodes, type PauseReason } from '@imgferry/core';

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

/** One of those that are known by now, and published as a text of which these are examples (`schemas.ts`). */
function known<const Word extends string>(words: readonly Word[]): v.GenericSchema<Word> {
  return v.pipe(
    v.picklist(words),
    v.description('A newer worker of the fleet may tell of others.'),
    v.examples([...words]),
  );
}

/** Why an upload failed. */
export const failureCode: v.GenericSchema<FailureCode> = known(Object.keys(failureCodes) as FailureCode[]);

/** Why a bucket waits. */
export const pauseReason: v.GenericSchema<PauseReason> = known([
  'exhausted',
  'rate-limited',
  'overloaded',
  'unavailable',
  'credentials',
  'blocked',
]);
