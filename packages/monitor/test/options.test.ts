import { describe, expect, it } from 'vitest';

import { InvalidOptionError } from '@imgferry/core';
import { resolveOptions } from '../src/options.ts';

const access = { anonymous: 'read' } as const;

describe('the options', () => {
  it.each<[string, object]>([
    ['none', {}],
    ['a name that is none', { acess: access }],
    ['a base path with a slash at its end', { basePath: '/monitor/' }],
    ['a base path without one at its beginning', { basePath: 'monitor' }],
    ['looks that are too many', { refreshMs: 10 }],
    ['looks that are none', { refreshMs: Number.POSITIVE_INFINITY }],
    ['no streams', { maxStreams: 0 }],
    ['no streams of a client', { maxStreamsPerClient: 0 }],
    ['a client that nobody names', { clientOf: 'x-real-ip' }],
    ['a text for a flag, which would show what it hides', { showQueries: 'false' }],
    ['a logger without a level', { logger: { info() {} } }],
    ['a signal that is none', { signal: { aborted: false } }],
  ])('%s are refused', (what, given) => {
    const options = what === 'none' ? given : { access, ...given };
    expect(() => resolveOptions(options as never)).toThrow(InvalidOptionError);
  });

  it('have defaults', () => {
    const { gate: _, logger: __, clientOf: ___, ...defaults } = resolveOptions({ access });
    expect(defaults).toEqual({
      basePath: '',
      refreshMs: 1_000,
      maxStreams: 100,
      maxStreamsPerClient: 20,
      showQueries: false,
    });
  });
});
