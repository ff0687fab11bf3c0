import { describe, expect, it } from 'vitest';

import { readIdempotencyKey } from '../src/idempotency-key.ts';

describe('an Idempotency-Key', () => {
  it('may be left out', () => {
    expect(readIdempotencyKey(undefined)).toBeUndefined();
  });

  it.each([
    ['order-42', 'order-42'],
    ['a key with spaces', 'a key with spaces'],
    ['"order-42"', 'order-42'],
    ['"say \\"hi\\" \\\\ bye"', 'say "hi" \\ bye'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ])('%s means %s', (header, key) => {
    expect(readIdempotencyKey(header)).toBe(key);
  });

  it.each([
    '',
    '""',
    '"open',
    '"bad \\n escape"',
    '"two" "strings"',
    'é',
    'tab\there',
    'x'.repeat(256),
    'x'.repeat(10_240),
  ])('%j is refused', (header) => {
    expect(() => readIdempotencyKey(header)).toThrow('1 to 255 printable ASCII');
  });
});
