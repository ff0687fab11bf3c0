import { describe, expect, it } from 'vitest';

import { checkSubmitOptions, type SubmitOptions } from '../src/submit-options.ts';

describe('what goes with a submit', () => {
  it('is kept as it is, without what was not given', () => {
    const given: SubmitOptions = { idempotencyKey: 'k', metadata: { post: 7 }, title: 'T', album: 'a' };
    expect(checkSubmitOptions(given)).toEqual(given);
    expect(checkSubmitOptions({})).toEqual({});
  });

  it('is a copy, so that changing it later changes nothing', () => {
    const metadata = { post: 7 };
    const kept = checkSubmitOptions({ metadata });
    Object.assign(metadata, { post: 8 });
    expect(kept.metadata).toEqual({ post: 7 });
  });

  it.each([
    [{ idempotencyKey: '' }, 'idempotencyKey must be 1 to 255 printable ASCII characters'],
    [{ idempotencyKey: 'é' }, 'idempotencyKey must be 1 to 255 printable ASCII characters'],
    [{ idempotencyKey: 'x'.repeat(256) }, 'idempotencyKey must be 1 to 255 printable ASCII characters'],
    [{ metadata: [1] }, 'metadata must be an object that can be written as JSON'],
    [{ metadata: { n: 1n } }, 'metadata must be an object that can be written as JSON'],
    [{ metadata: { t: 'x'.repeat(5_000) } }, 'metadata is 5008 bytes as JSON; at most 4096 are kept'],
    [{ idempotencykey: 'k' }, 'idempotencykey is not an option; did you mean idempotencyKey?'],
    [{ title: 5 }, 'title must be a text of at most 4096 characters'],
    [{ description: 'x'.repeat(4_097) }, 'description must be a text of at most 4096 characters'],
  ])('is refused when it can not be kept: %o', (options, message) => {
    expect(() => checkSubmitOptions(options as unknown as SubmitOptions)).toThrow(message);
  });
});
