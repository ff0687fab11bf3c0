import { inspect, types } from 'node:util';

import { describe, expect, it } from 'vitest';

import { InvalidOptionError, StoreUnavailableError } from '../src/errors.ts';
import { redactError } from '../src/redact-error.ts';
import { redactText, withoutAddresses } from '../src/redact-text.ts';
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

describe('a text', () => {
  it.each([
    ['GET https://a.example/b.png?sig=c%2F&se=2 failed', 'GET https://a.example/b.png?… failed'],
    ['GET https://a.example/b.png?canary failed', 'GET https://a.example/b.png?… failed'],
    ['GET https://a.example/b#access_token=canary', 'GET https://a.example/b?…'],
    ['path /b.png?X-Amz-Signature=canary&x=y is gone', 'path /b.png?… is gone'],
    ['redis://:canary@10.0.0.1:6379/0 refused', 'redis://…@10.0.0.1:6379/0 refused'],
    ['postgres://me:canary@db/x?y=1', 'postgres://…@db/x?…'],
    ['redis://me:can/ary?#@10.0.0.1:6379/0 refused', 'redis://…@10.0.0.1:6379/0 refused'],
    ['http://a.example:80/b@c', 'http://a.example:80/b@c'],
    ['{"client_secret":"canary","a":1}', '{"client_secret":"[secret]","a":1}'],
    ['x-rapidapi-key: canary-99', 'x-rapidapi-key: [secret]'],
    ["update t set refresh_token = 'canary'", "update t set refresh_token = '[secret]'"],
    ['passwd=canary', 'passwd=[secret]'],
    ['{"pwd":"canary, canary"}', '{"pwd":"[secret]"}'],
    [`password: "ca'nary canary"; next`, 'password: "[secret]"; next'],
    ['password=a,b,canary&next', 'password=[secret]&next'],
    ['accessKey=canary, client secret: canary', 'accessKey=[secret] client secret: [secret]'],
    [
      'AWS_ACCESS_KEY_ID=CANARY aws_secret_access_key=canary',
      'AWS_ACCESS_KEY_ID=[secret] aws_secret_access_key=[secret]',
    ],
    ['clientSecret: canary', 'clientSecret: [secret]'],
    ['x-amz-security-token: canary', 'x-amz-security-token: [secret]'],
    ['x-auth-token: Bearer canary', 'x-auth-token: [secret]'],
    [
      'session=canary; PHPSESSID=canary; connect.sid=canary',
      'session=[secret]; PHPSESSID=[secret]; connect.sid=[secret]',
    ],
    ["[ 'x-api-key', 'canary', 'host', 'a' ]", "[ 'x-api-key', '[secret]', 'host', 'a' ]"],
    ['with Bearer canarycanary failed', 'with Bearer [secret] failed'],
    ['with Bearer auth-canary-canary-canary failed', 'with Bearer [secret] failed'],
    ['with Basic Y2FuYXJ5OmNhbmFyeQ== failed', 'with Basic [secret] failed'],
    ['the api key canary0 is wrong', 'the api key [secret] is wrong'],
  ])('%s', (text, clean) => expect(redactText(text)).toBe(clean));

  it.each(['x-api-key', 'X-API-KEY', 'api_key', 'apiKey', 'x-rapidapi-key'])(
    'loses the value of %s, which need have no digit',
    (name) => {
      expect(redactText(`${name}: canary`)).toBe(`${name}: [secret]`);
      expect(redactText(`{"${name}":"canary"}`)).toBe(`{"${name}":"[secret]"}`);
    },
  );

  describe.each(['Authorization', 'proxy-authorization', 'cookie', 'Set-Cookie'])('with %s', (name) => {
    it.each([
      'Bearer canary',
      'Token canary',
      'ApiKey canary',
      'AWS4-HMAC-SHA256 Credential=canary/2020, Signature=canary',
      'Digest username=canary, response=canary',
      'Basic canary==',
      'a=canary; b=canary; Path=/',
      'canary',
    ])('loses the whole of it: %s', (value) => {
      expect(redactText(`${name}: ${value}\nHost: a`)).toBe(`${name}: [secret]\nHost: a`);
      expect(redactText(`{"${name}":"${value}","a":1}`)).toBe(`{"${name}":"[secret]","a":1}`);
      expect(redactText(`{ '${name}': '${value}' }`)).toBe(`{ '${name}': '[secret]' }`);
      expect(redactText(`{ ${name}: [\n  '${value}', 'canary' ] }`)).not.toContain('canary');
      expect(redactText(`[ '${name}', '${value}' ]`)).toBe(`[ '${name}', '[secret]' ]`);
    });

    it('loses it also where quotes are escaped', () => {
      const value = `Digest username="canary", response="canary"`;
      const once = JSON.stringify({ [name]: value, a: 'b' });
      for (const text of [once, JSON.stringify(once), JSON.stringify(JSON.stringify({ once }))]) {
        expect(redactText(text)).toContain('[secret]');
        expect(redactText(text)).not.toContain('canary');
      }
    });
  });

  it('that was redacted stays as it is', () => {
    const text =
      'authorization: Bearer canary\ntoken=canary, {"pwd":"canary"} a://b:c@d?e=f Bearer canary-123';
    expect(redactText(redactText(text))).toBe(redactText(text));
  });

  it('that is made to be slow is done in no time', () => {
    const slow = [
      ...[
        'a://',
        'a://b:',
        'bearer:',
        'bearer=',
        'token ',
        '?a',
        'a.',
        'token:',
        'cookie',
        'cookie: [',
        "token,'",
      ],
      ...['token: "', 'token', 'api', ' ', '\\', '"', "\\'"],
    ].flatMap((part) => [
      part.repeat(250_000),
      `token: ${part.repeat(250_000)}`,
      `cookie: "${part.repeat(250_000)}`,
    ]);
    for (const text of slow) expect(redactText(text).length).toBeLessThanOrEqual(10_000);
  });

  it.each([
    'The access token provided is invalid.',
    'Imgur refuses to renew the access token and says: Invalid refresh token',
    'There is no token',
    'Invalid token: expired. Bearer authentication required',
    'no session: please log in',
    'the password is wrong, and the cookie was not sent with the authorization header',
    'clientSecret is of use only with credentials or a refreshToken',
    'an API key is missing, and the signature does not match',
    'Inside: nothing. Bypass: none of these',
    'a bearer token is missing, and so is the client-id header',
    'Is it there? No: it is not.',
    'Unexpected token < in JSON at position 1',
    'leaseMs is 0; it must be a whole number from 1 to 2147483647',
    'Imgur is over capacity: Please try again later.',
  ])('that holds nothing secret stays as it is: %s', (text) => expect(redactText(text)).toBe(text));
});

describe('an address', () => {
  it.each([
    ['connect ECONNREFUSED 10.0.0.5:5432', 'connect ECONNREFUSED [address]:5432'],
    ['connect ECONNREFUSED ::1:80 or ::', 'connect ECONNREFUSED [address] or [address]'],
    ['getaddrinfo for fd00:ec2::254 failed', 'getaddrinfo for [address] failed'],
    ['to [::ffff:127.0.0.1], [2001:db8:0:1:1:1:1:1]', 'to [[address]], [[address]]'],
    ['GET http://192.168.0.1/a.png', 'GET http://[address]/a.png'],
  ])('is taken out of %j', (text, clean) => expect(withoutAddresses(text)).toBe(clean));

  it.each(['at 12:30:45', 'std::string', 'version 1.2.3', 'a 1.2.3.4.5', 'HTTP/1.1 500', 'job:1'])(
    'is not in %j',
    (text) => expect(withoutAddresses(text)).toBe(text),
  );
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
