import * as v from 'valibot';

import { maxTextLength, type ProblemEntry } from '../problem.ts';
import { count } from './wire-schemas.ts';

/** Why a request was not answered as it wished (RFC 9457). */
export interface ProblemView {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly ProblemEntry[];
}

const told = v.pipe(v.string(), v.maxLength(maxTextLength));

/** A problem of any kind. */
export const problem: v.GenericSchema<ProblemView> = v.strictObject({
  type: v.literal('about:blank'),
  title: v.pipe(v.string(), v.description('The name of the status.')),
  status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
  detail: v.pipe(told, v.description('What is wrong, for people.')),
  errors: v.exactOptional(
    v.pipe(
      v.array(
        v.strictObject({
          index: v.exactOptional(
            v.pipe(count, v.description('The place in the list that was sent, from 0.')),
          ),
          pointer: v.exactOptional(
            v.pipe(
              told,
              v.startsWith('#'),
              v.description('The place in the body: a JSON Pointer as the fragment of a URI (RFC 6901, 6).'),
            ),
          ),
          parameter: v.exactOptional(v.pipe(v.string(), v.description('The parameter of the query.'))),
          header: v.exactOptional(v.pipe(v.string(), v.description('The header of the request.'))),
          reason: told,
        }),
      ),
      v.minLength(1),
      v.maxLength(100),
      v.description('Every part of the request that was refused, the first 100 of them.'),
    ),
  ),
});
