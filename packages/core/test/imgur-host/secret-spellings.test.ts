import { expect, test } from 'vitest';

import { Secrets } from '../../src/imgur-host/secrets.ts';

const secret = 'canary/key+1-546c25a5';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each([
  ['as it is', secret],
  ['in JSON', JSON.stringify(secret)],
  ['percent-encoded', encodeURIComponent(secret)],
  ['percent-encoded in lower case', encodeURIComponent(secret).replace(/%../g, (each) => each.toLowerCase())],
  ['in hexadecimal', Buffer.from(secret).toString('hex')],
])('a secret is taken out of an echo %s', (_, echoed) => {
  const clean = new Secrets([secret]).redact(`the header was ${echoed} and was refused`);
  expect(clean).toMatch(/^the header was "?\[secret\]"? and was refused$/);
});

test.each(['', ':', 'Client-ID ', 'Bearer ', 'id:'])(
  'a secret is taken out of base64, whatever stands before it: %j',
  (before) => {
    for (const [encoded, decoded] of [
      [base64(before + secret), 'base64'],
      [Buffer.from(`${before}${secret} and more`).toString('base64url'), 'base64url'],
    ] as const) {
      const clean = new Secrets([secret]).redact(`it was ${encoded}`);
      expect(clean).toContain('[secret]');
      for (const part of clean.slice('it was '.length).split('[secret]'))
        expect(Buffer.from(part, decoded).toString()).not.toMatch(/nary|key|546c/);
    }
  },
);

test('what never changes is known however many tokens have come and gone, and of those the newest', () => {
  const secrets = new Secrets(['the-client-id']);
  for (let count = 1; count <= 100; count += 1) secrets.add(`token-number-${count}.`);
  secrets.add('token-number-70.');
  secrets.add('token-number-101.');
  expect(secrets.redact('the-client-id token-number-70. token-number-101. token-number-1.')).toBe(
    '[secret] [secret] [secret] token-number-1.',
  );
});

test('what is secret in one text alone is taken out of that one', () => {
  const secrets = new Secrets([]);
  expect(secrets.redact('no image has aBcDeFgHiJkLmNo', ['aBcDeFgHiJkLmNo', undefined])).toBe(
    'no image has [secret]',
  );
  expect(secrets.redact('aBcDeFgHiJkLmNo')).toBe('aBcDeFgHiJkLmNo');
});

test('a link is one of a secret only where the secret is too long to be in it by chance', () => {
  const link = 'https://i.imgur.com/ab1dEfg.png';
  expect(new Secrets(['b1dE', 'ab1dEfg']).areIn(link)).toBe(false);
  expect(new Secrets(['b1dEfg.p']).areIn(link)).toBe(true);
  expect(new Secrets().areIn(link, ['ab1dEfg.png'])).toBe(true);
  expect(new Secrets([secret]).areIn(`https://i.imgur.com/a.png?by=${base64(`id:${secret}`)}`)).toBe(true);
});
