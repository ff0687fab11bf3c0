import { expect, test } from 'vitest';

import { Secrets } from '../../src/imgur-host/secrets.ts';

const secret = 'canary/key+1';

test.each([
  ['as it is', secret],
  ['percent-encoded', encodeURIComponent(secret)],
  ['as the base64 of a Client-ID header', Buffer.from(`Client-ID ${secret}`).toString('base64')],
  ['as the base64 of a Bearer header', Buffer.from(`Bearer ${secret}`).toString('base64url')],
])('a secret is taken out of an echo %s', (_, echoed) => {
  const clean = new Secrets([secret]).redact(`the header was ${echoed} and was refused`);
  expect(clean).toMatch(/^the header was \[secret\]=* and was refused$/);
});
