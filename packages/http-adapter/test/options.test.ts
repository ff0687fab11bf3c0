import { describe, expect, it } from 'vitest';

import { toNodeHandler } from '../src/node-bridge.ts';
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
    [{ cors: { origin: ['*'] } as never }, 'cors.origin'],
    [{ authorise: () => undefined } as object, 'authorise'],
    [{ authorise: undefined } as object, 'authorise'],
    [{ authorize: null as never }, 'authorize'],
    [{ authorize: 'Bearer' as never }, 'authorize'],
    [{ operator: true as never }, 'operator'],
  ])('can not be %j', (options, option) => {
    expect(() => resolveOptions(options)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option }),
    );
  });

  it('are refused by name when there is no such one, of the handler for Node too', () => {
    expect(() => resolveOptions({ authorise: undefined } as object)).toThrow(
      'authorise is not an option; did you mean authorize?',
    );
    const handler = async () => new Response();
    expect(() => toNodeHandler(handler, { loger: undefined } as object)).toThrow(
      'loger is not an option; did you mean logger?',
    );
  });
});
