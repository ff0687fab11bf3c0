import * as v from 'valibot';

import type { JobStatus, UploadStatus } from '@imgferry/core';
import { Problem } from './problem.ts';

/** How many a page may have. */
export const maxLimit = 200;

const ms = v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number));
/** A time of day without an offset would be one of wherever the server stands; a day alone is one of UTC. */
const iso = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/),
  v.transform(timeOf),
  v.integer(),
  v.minValue(0),
);

/** What each kind of parameter is once it is read. */
interface Values {
  readonly limit: number;
  readonly cursor: string;
  readonly id: string;
  readonly jobStatus: JobStatus;
  readonly uploadStatus: UploadStatus;
  readonly flag: boolean;
  readonly time: number;
}

/** A kind of parameter. */
export type ParameterKind = keyof Values;

/** Every kind of parameter of a query: what it has to be, and how that is said. */
export const parameterKinds: {
  readonly [Kind in ParameterKind]: {
    readonly schema: v.GenericSchema<unknown, Values[Kind]>;
    readonly rule: string;
  };
} = {
  limit: {
    schema: v.pipe(
      v.string(),
      v.regex(/^[1-9]\d*$/),
      v.transform(Number),
      v.number(),
      v.integer(),
      v.minValue(1),
      v.maxValue(maxLimit),
    ),
    rule: `must be a whole number from 1 to ${maxLimit}`,
  },
  cursor: {
    schema: v.pipe(v.string(), v.minLength(1), v.maxLength(512)),
    rule: 'is not one that was given out here',
  },
  id: { schema: v.pipe(v.string(), v.minLength(1), v.maxLength(200)), rule: 'must be the id of a job' },
  jobStatus: {
    schema: v.picklist(['pending', 'in-progress', 'complete']),
    rule: 'must be pending, in-progress or complete',
  },
  uploadStatus: {
    schema: v.picklist(['waiting', 'claimed', 'complete', 'failed']),
    rule: 'must be one of waiting, claimed, complete, failed',
  },
  flag: {
    schema: v.pipe(
      v.picklist(['true', 'false']),
      v.transform((text) => text === 'true'),
    ),
    rule: 'must be true or false',
  },
  time: {
    schema: v.union([ms, iso]),
    rule: 'must be a day, or a time with Z or an offset, in ISO 8601, or milliseconds since 1970',
  },
};

/** `NaN` on a day that is none: `Date.parse` takes the 30th of February for the 2nd of March. */
function timeOf(text: string): number {
  const day = text.slice(0, 10);
  const dayAt = Date.parse(day);
  const isDay = !Number.isNaN(dayAt) && new Date(dayAt).toISOString().startsWith(day);
  return isDay ? Date.parse(text) : Number.NaN;
}

/** The same query as all would write it who ask for the same: in the order of names, without what is empty. */
export function plainQuery(query: string): string {
  const plain = new URLSearchParams([...new URLSearchParams(query)].filter(([, value]) => value !== ''));
  plain.sort();
  return `${plain}`;
}

/** A query of which each parameter is read once, and every one has to be known. */
export class Query {
  readonly #query: URLSearchParams;

  /** @throws Problem when it has a parameter of another name: whoever misspells a filter would take all for some */
  constructor(query: URLSearchParams, names: readonly string[]) {
    this.#query = query;
    for (const name of query.keys())
      if (!names.includes(name)) throw Problem.ofParameter(name.slice(0, 60), 'is not a parameter here');
  }

  /** The value of a parameter; `undefined` when it is left out or empty, as forms send it. @throws Problem */
  read<Kind extends ParameterKind>(name: string, kind: Kind): Values[Kind] | undefined {
    const [text, ...others] = this.#query.getAll(name).filter((each) => each !== '');
    if (others.length > 0) throw Problem.ofParameter(name, 'is given more than once');
    if (text === undefined) return undefined;
    const { schema, rule } = parameterKinds[kind];
    const { success, output } = v.safeParse(schema, text);
    if (success) return output;
    throw Problem.ofParameter(name, rule);
  }
}
