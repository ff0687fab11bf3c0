import { describe, expect, it } from 'vitest';

import { parseJsonBody } from '../src/json-body.ts';
import { submitBody } from '../src/submit-body.ts';

describe('a body that is to be JSON', () => {
  it.each([
    ['', 'the body is empty'],
    ['{"urls": ["https://a.example/"', 'the body is not JSON'],
    ['\u0000', 'the body is not JSON'],
    ['[]', 'the body must be an object'],
  ])('%j is refused, and told apart from others', (text, reason) => {
    expect(() => parseJsonBody(Buffer.from(text), submitBody)).toThrow(reason);
  });
});
