import { inspect, types } from 'node:util';

import { describe, expect, it } from 'vitest';

import { InvalidOptionError, StoreUnavailableError } from '../src/errors.ts';
import { redactError } from '../src/redact-error.ts';
import { redactUrl, withoutSecretsOf } from '../src/redact-url.ts';
import { TransferError } from '../src/transfer-error.ts';

describe('an error of somebody else', () => {
  it('stays of its class, with its code, its words and where it came from', () => {
    const error = Object.assign(new RangeError('out of reach'), { code: 'EFAR' });
    const clean = redactError(error);
    expect(clean).toBeInstanceOf(RangeError);
    expect(clean).toMatchObject({ name: 'RangeError', message: 'out of reach', code: 'EFAR' });
    expect(clean.stack).toMatch(/^RangeError: out of reach\n {4}at .*redact-error\.test/);
    expect(redactError(new StoreUnavailableError('away'))).toMatchObject({ code: 'store_unavailable' });
  });

  it('is an error to the engine too, and takes what a reporter puts into it', () => {
    class OwnError extends RangeError {}
    for (const clean of [
      redactError(new OwnError('x')),
      redactError('x'),
      redactError(new AggregateError([], 'x')),
    ]) {
      expect(Object.prototype.toString.call(clean)).toBe('[object Error]');
      expect(types.isNativeError(clean)).toBe(true);
      expect(structuredClone(clean)).toBeInstanceOf(Error);
      clean.stack = 'mapped';
      expect(clean.stack).toBe('mapped');
      expect(Object.keys(clean)).toEqual([]);
    }
    expect(redactError(new OwnError('x'))).toBeInstanceOf(OwnError);
  });

  it('loses its own properties, where clients keep requests and their headers', () => {
    const config = { headers: { authorization: 'Bearer canary-1' } };
    const clean = redactError(Object.assign(new Error('no'), { config, response: { config } }));
    expect(inspect(clean, { depth: null, showHidden: true })).not.toContain('canary');
    expect(Object.keys(clean)).toEqual([]);
  });

  it('is redacted with all that is below it, down to a depth', () => {
    const url = 'https://bucket.example/a.png?X-Amz-Signature=canary';
    const deep = new Error('x', { cause: new AggregateError([new Error(url)], url, { cause: url }) });
    expect(inspect(redactError(deep), { depth: null, showHidden: true })).not.toContain('canary');
    const circle = new Error('round');
    circle.cause = circle;
    expect(inspect(redactError(circle), { depth: null }).match(/\[cause\]/g)).toHaveLength(5);
  });

  it('is one line of bounded length that steers no terminal and makes no line of a log', () => {
    const clean = redactError(new Error(`\u001b[2J\n    at a (b.js:1:1)\n{"level":50} ${'x'.repeat(1_000)}`));
    expect(clean.message).not.toMatch(/\p{Cc}/u);
    expect(clean.message).toHaveLength(200);
    expect(clean.stack?.slice(clean.stack.indexOf('\n'))).not.toMatch(/b\.js|level/);
  });

  it.each([[{ token: 'canary' }], [undefined], [null], [7n], [Symbol('canary')]])(
    'may be no error: %o',
    (value) => {
      expect(redactError(value).message).toBe(`what was thrown is no error but of type ${typeof value}`);
    },
  );

  it('may be one of the platform, and one that can not even be read', () => {
    const aborted = redactError(new DOMException('too late', 'TimeoutError'));
    expect(inspect(aborted)).toMatch(/TimeoutError\]?: too late/);
    expect(JSON.stringify({ ...aborted })).toBe('{"code":"23"}');
    const trap = new Error('x');
    Object.defineProperty(trap, 'message', {
      get: () => {
        throw new Error('canary');
      },
    });
    expect(redactError(trap).message).toBe('what was thrown can not be read');
  });

  it('is cleaned of what its caller knows to be secret', () => {
    const error = new Error('no image has canary', { cause: 'canary is gone' });
    const clean = redactError(error, (text) => text.replaceAll('canary', '[deletehash]'));
    expect(inspect(clean)).not.toContain('canary');
    expect(clean.message).toBe('no image has [deletehash]');
  });
});

describe('a URL of a source', () => {
  const url = 'https://a.example/b.png?name=cat&sig=canary%2Bvalue#access_token=canary-token';

  it('is logged without query and fragment, on one line, and not for pages', () => {
    expect(redactUrl(url)).toBe('https://a.example/b.png?…');
    expect(redactUrl('https://a.example/b.png')).toBe('https://a.example/b.png');
    expect(redactUrl(`https://a.example/\u202e${'x'.repeat(8_000)}`)).toMatch(
      /^https:\/\/a\.example\/ x{180}…$/,
    );
  });

  it.each([
    ['https://ann:canary@a.example/b@c.png', 'https://…@a.example/b@c.png'],
    ['https://ann:ca@nary@a.example/', 'https://…@a.example/'],
    [' HTTPS:\\\\canary@a.example/', 'HTTPS:\\\\…@a.example/'],
    ['https:canary@a.example/', 'https:…@a.example/'],
    ['https://ann:canary@a.example?to=b@c', 'https://…@a.example?…'],
    ['https://a.example/@b', 'https://a.example/@b'],
  ])('%s is logged without user and password', (whole, told) => {
    expect(redactUrl(whole)).toBe(told);
  });

  it('is not told in pieces either', () => {
    const told = 'canary%2Bvalue, or canary+value, of a cat, and canary-token';
    expect(withoutSecretsOf(url, told)).toBe('…, or …, of a cat, and …');
    expect(withoutSecretsOf('https://a.example/', told)).toBe(told);
  });

  it('leaves nothing of a value that begins with another', () => {
    const both = 'https://a.example/?a=canary-1&b=canary-1-and-more';
    expect(withoutSecretsOf(both, 'canary-1-and-more than canary-1')).toBe('… than …');
  });

  it('with more values than can be looked for leaves nothing of the text', () => {
    const of = (count: number): string =>
      `https://a.example/?${Array.from({ length: count }, (_, at) => `canary-${100 + at}`).join('&')}`;
    const told = 'canary-100 is no cat';
    expect(withoutSecretsOf(of(50), told)).toBe('… is no cat');
    expect(withoutSecretsOf(of(100), told)).toBe('not told: the query of the URL has too many values');
    expect(withoutSecretsOf(`https://a.example/?${'canary-100&'.repeat(800)}`, told)).toBe('… is no cat');
  });
});

describe('what is kept and shown of an error', () => {
  it('has no query and no address in it, and is a sentence', () => {
    const { code, message } = new TransferError(
      'source_status',
      `GET http://10.0.0.1/a?sig=canary\n${'x'.repeat(9_000)}`,
    ).toFailure();
    expect(code).toBe('source_status');
    expect(message).toMatch(/^GET http:\/\/\[address\]\/a\?… x+…$/);
    expect(message).toHaveLength(300);
  });

  it('repeats no password of an option', () => {
    const { message } = new InvalidOptionError(
      'origins',
      'has "https://me:canary@a.example"; it must have none',
    );
    expect(message).toBe('origins has "https://…@a.example"; it must have none');
  });
});
