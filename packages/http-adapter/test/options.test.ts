import { describe, expect, it } from 'vitest';

import { type FetchHandlerOptions, resolveOptions } from '../src/options.ts';

describe('the options', () => {
  it('have defaults', () => {
    expect(resolveOptions({})).toMatchObject({
      basePath: '',
      maxBodyBytes: 1_048_576,
      bodyTimeoutMs: 15_000,
      authorize: undefined,
      operator: undefined,
      cors: undefined,
    });
  });

  it.each<FetchHandlerOptions>([
    { basePath: '/images' },
    { basePath: '/a/b-c.d' },
    { cors: { origins: ['https://app.example.com', 'http://localhost:3000', '*'] } },
  ])('can be %j', (options) => {
    expect(resolveOptions(options)).toMatchObject(options);
  });

  it.each<[FetchHandlerOptions, string]>([
    [{ basePath: 'images' }, 'basePath'],
    [{ basePath: '/' }, 'basePath'],
    [{ basePath: '/images/' }, 'basePath'],
    [{ basePath: '/a//b' }, 'basePath'],
    [{ basePath: '/a?b' }, 'basePath'],
    [{ basePath: '/a\r\nb' }, 'basePath'],
    [{ maxBodyBytes: 0 }, 'maxBodyBytes'],
    [{ maxBodyBytes: 1.5 }, 'maxBodyBytes'],
    [{ maxEventStreamsPerClient: 0 }, 'maxEventStreamsPerClient'],
    [{ bodyTimeoutMs: Number.NaN }, 'bodyTimeoutMs'],
    [{ bodyTimeoutMs: 2 ** 31 }, 'bodyTimeoutMs'],
    [{ cors: { origins: [] } }, 'cors.origins'],
    [{ cors: { origins: ['https://app.example.com/'] } }, 'cors.origins'],
    [{ cors: { origins: ['app.example.com'] } }, 'cors.origins'],
  ])('can not be %j', (options, option) => {
    expect(() => resolveOptions(options)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option }),
    );
  });
});
