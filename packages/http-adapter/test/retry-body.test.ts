import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { failureCodes } from '@imgferry/core';
import { parseJsonBody } from '../src/json-body.ts';
import { Problem } from '../src/problem.ts';
import { retryBody } from '../src/retry-body.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('poison', 'too_large', 'https://a.example'),
);
const list = fc.array(fc.oneof({ weight: 3, arbitrary: text }, fc.jsonValue()), { maxLength: 5 });
const key = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('urls', 'codes') },
  fc.constantFrom('__proto__', 'constructor', 'toString', 'a/b', '~0', '~1', '%2f', '', '0'),
  text,
);
const value = fc.oneof({ weight: 3, arbitrary: list }, fc.jsonValue());
/** Objects are written by hand, with `__proto__` as a key like any other and with keys twice. */
const written = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .array(fc.tuple(key, value), { maxLength: 4 })
      .map((pairs) => `{${pairs.map((pair) => pair.map((each) => JSON.stringify(each)).join(':')).join()}}`),
  },
  fc.jsonValue().map((each) => JSON.stringify(each)),
);

/** What a JSON Pointer as a fragment (RFC 6901, 6) leads to. */
function at(pointer: string, value: unknown): { readonly found: boolean } {
  let place = value;
  for (const part of decodeURIComponent(pointer).slice(1).split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, name)) return { found: false };
    place = Reflect.get(place, name);
  }
  return { found: true };
}

describe('the body of a retry', () => {
  it('is a selection, or refused with a place that it has', () => {
    fc.assert(
      fc.property(written, (json) => {
        try {
          const { urls = [], codes = [], ...others } = parseJsonBody(Buffer.from(json), retryBody);
          expect(others).toEqual({});
          expect(urls.every((url) => typeof url === 'string')).toBe(true);
          expect(codes.every((code) => Object.hasOwn(failureCodes, code))).toBe(true);
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          expect(error.kind).toBe('badRequest');
          const [entry, ...more] = error.facts.errors ?? [];
          expect(more).toEqual([]);
          // A half character has no place in a URI.
          if (json.isWellFormed() && !/\\ud[89a-f]/i.test(json))
            expect(at(entry?.pointer ?? '', JSON.parse(json)), entry?.pointer).toEqual({ found: true });
        }
      }),
    );
  });

  it('takes every code that there is', () => {
    const codes = Object.keys(failureCodes);
    expect(parseJsonBody(Buffer.from(JSON.stringify({ codes })), retryBody)).toEqual({ codes });
  });
});
