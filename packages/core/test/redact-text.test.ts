import { describe, expect, it } from 'vitest';

import { redactText, withoutAddresses } from '../src/redact-text.ts';

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

  it('that is cut leaves no half of a secret', () => {
    const url = `https://a.example/?${'q'.repeat(4_050)}`;
    for (const secret of ['redis://:canary-canary-canary@10.0.0.1', 'Bearer canary-canary-canary'])
      for (let at = 0; at < 20; at += 1)
        expect(redactText(`${url}${'q'.repeat(at)} by ${secret}`)).not.toMatch(/canary/);
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
