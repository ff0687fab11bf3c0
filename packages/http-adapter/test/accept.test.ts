import { describe, expect, it } from 'vitest';

import { preferredType } from '../src/accept.ts';
import type { HttpRequest } from '../src/http-exchange.ts';

const types = ['application/json', 'text/csv'] as const;
const prefer = (accept: string | undefined): string =>
  preferredType({ header: (name: string) => (name === 'accept' ? accept : undefined) } as HttpRequest, types);

describe('the type that a reader likes best', () => {
  it.each([
    undefined,
    '',
    '*/*',
    'application/*',
    'application/json',
    'APPLICATION/JSON',
    'text/csv, */*',
    'text/csv, application/json',
    'text/csv;q=0.5, application/json;q=0.5',
    'text/csv;q=0.4, */*;q=0.5',
    'text/csv;q=0, */*',
    'text/html, */*;q=0.001',
    'application/json; charset=utf-8',
    // Nothing of these is a range, so they say nothing.
    'csv',
    ', ,',
    '/, text/, /csv, a b/c',
  ])('is JSON for %j', (accept) => {
    expect(prefer(accept)).toBe('application/json');
  });

  it.each([
    'text/csv',
    'Text/CSV',
    'text/*',
    'text/csv; header=present; charset=utf-8',
    'text/csv;q=0.9, application/json;q=0.8',
    'application/json ; q=0.1 , text/csv ; q=0.2',
    'application/json;q=0, */*;q=0.1',
    'text/csv, */*;q=0.9',
    'text/csv;q=1.000, */*;q=0.999',
    'csv, text/csv',
    // A quality that is none says nothing.
    'application/json;q=0.5, text/csv;q=2',
  ])('is CSV for %j', (accept) => {
    expect(prefer(accept)).toBe('text/csv');
  });

  it.each(['text/html', 'image/*', 'application/json;q=0', '*/*;q=0', 'text/csv;q=0.000, application/xml'])(
    'is none for %j',
    (accept) => {
      expect(() => prefer(accept)).toThrow(
        expect.objectContaining({
          kind: 'notAcceptable',
          message: 'Accept must allow application/json or text/csv',
        }),
      );
    },
  );

  it('takes a range for itself before one for many', () => {
    expect(prefer('text/*;q=0.1, text/csv;q=0.9, application/*;q=0.5')).toBe('text/csv');
    expect(prefer('text/csv;q=0.1, text/*;q=0.9, application/*;q=0.5')).toBe('application/json');
  });
});
