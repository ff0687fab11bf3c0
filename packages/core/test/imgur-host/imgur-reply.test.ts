import { describe, expect, it } from 'vitest';

import type { FailureCode, RetryRule } from '../../src/failure.ts';
import { readImgurReply } from '../../src/imgur-host/imgur-reply.ts';
import type { Reply } from '../../src/imgur-host/reply.ts';
import type { TransferError } from '../../src/transfer-error.ts';
import { aReply, buckets, context, nowMs, shape1, shape2, shape3, stored } from './reply-context.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function errorOf(reply: Reply, over: Partial<typeof context> = {}): TransferError {
  const meaning = readImgurReply(reply, { ...context, ...over });
  if (meaning.status !== 'refused') throw new Error('read as stored');
  return meaning.error;
}

function uploadOf(reply: Reply) {
  const meaning = readImgurReply(reply, context);
  if (meaning.status !== 'stored') throw meaning.error;
  return meaning.upload;
}

const gate = (resetInMs: number, reason: string) => ({
  bucket: buckets.gate,
  remaining: 0,
  resetInMs,
  reason,
});
const tooFast = 'You are uploading too fast. Please wait 37 more minutes.';
const overCapacity = 'Imgur is temporarily over capacity. Please try again later.';
const page = (title: string) =>
  `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;

describe('the reply to an image', () => {
  it('is read into link, deletehash and size', () => {
    expect(uploadOf(aReply(200, stored()))).toEqual({
      link: 'https://i.imgur.com/gAGub9k.jpg',
      deleteHash: 'aBcDeFgHiJkLmNo',
      width: 640,
      height: 480,
      reading: { scope: buckets.scope, buckets: [] },
    });
  });

  it.each([
    ['only a link', { data: { link: 'https://i.imgur.com/skSpO.jpg' } }],
    ['a content type that says HTML', stored({ link: 'https://i.imgur.com/skSpO.jpg' })],
    [
      'a status in the body that disagrees',
      { ...(stored({ link: 'https://i.imgur.com/skSpO.jpg' }) as object), status: 500 },
    ],
  ])('is success with %s', (_what, body) => {
    expect(uploadOf(aReply(200, body, { 'content-type': 'text/html' })).link).toBe(
      'https://i.imgur.com/skSpO.jpg',
    );
  });

  it('leaves out a deletehash or size that makes no sense', () => {
    const upload = uploadOf(aReply(200, stored({ deletehash: '../x', width: -1, height: '480' })));
    expect(upload).not.toHaveProperty('deleteHash');
    expect(upload).not.toHaveProperty('width');
    expect(upload).not.toHaveProperty('height');
  });

  it('corrects an http link of Imgur to https', () => {
    expect(uploadOf(aReply(200, stored({ link: 'http://i.imgur.com/skSpO.jpg' }))).link).toBe(
      'https://i.imgur.com/skSpO.jpg',
    );
  });

  it.each([
    ['video/mp4', 'https://i.imgur.com/gAGub9k.mp4'],
    ['image/gif', 'https://i.imgur.com/gAGub9k.gif'],
  ])('makes the link of a %s that is still processed from its id', (type, link) => {
    expect(uploadOf(aReply(200, stored({ type, link: '', processing: { status: 'pending' } }))).link).toBe(
      link,
    );
  });

  it.each([
    ['another domain', stored({ link: 'https://i.imgur.com.example.com/x.jpg' })],
    ['a domain inside the user part', stored({ link: 'https://i.imgur.com@example.com/x.jpg' })],
    ['a user', stored({ link: 'https://me:pw@i.imgur.com/x.jpg' })],
    ['another port', stored({ link: 'https://i.imgur.com:8443/x.jpg' })],
    ['another scheme', stored({ link: 'javascript://i.imgur.com/x' })],
    ['no path', stored({ link: 'https://i.imgur.com/' })],
    ['the picture of a removed image', stored({ link: 'https://i.imgur.com/removed.png' })],
    ['a number', stored({ link: 7 })],
    ['an empty link of a still image', stored({ link: '' })],
    ['an empty link and an id that is none', stored({ link: '', type: 'video/mp4', id: '../../a' })],
    ['no data', { success: true, status: 200 }],
    ['data that is no object', { data: true, success: true, status: 200 }],
    ['a page', page('Imgur')],
    ['nothing', ''],
    ['half a JSON', '{"data":{"link":"https://i.img'],
    ['a list', '[]'],
  ])('is a bad reply, and the image possibly stored, with %s', (_what, body) => {
    const error = errorOf(aReply(200, body));
    expect(error).toMatchObject({
      code: 'host_bad_reply',
      retry: 'later',
      possiblyStored: true,
      reading: undefined,
    });
  });

  it('is a bad reply when it came before the whole image had left', () => {
    expect(errorOf({ ...aReply(200, stored()), early: true })).toMatchObject({
      code: 'host_bad_reply',
      possiblyStored: true,
    });
  });
});

interface Row {
  readonly what: string;
  readonly reply: Reply;
  readonly code: FailureCode;
  readonly retry: RetryRule;
  readonly retryAfterMs?: number;
  readonly buckets?: readonly object[];
  readonly possiblyStored?: boolean;
  readonly says?: string;
}

const rejected = { code: 'host_rejected', retry: 'never', buckets: [] } as const;
const limited = { code: 'host_rate_limited', retry: 'wait' } as const;
const blocked = {
  code: 'host_blocked',
  retry: 'wait',
  retryAfterMs: 59 * minuteMs,
  buckets: [gate(59 * minuteMs, 'blocked')],
} as const;
const credentials = {
  code: 'host_credentials',
  retry: 'wait',
  retryAfterMs: 5 * minuteMs,
  buckets: [gate(5 * minuteMs, 'credentials')],
} as const;
const overloaded = {
  code: 'host_overloaded',
  retry: 'wait',
  retryAfterMs: minuteMs,
  buckets: [gate(minuteMs, 'overloaded')],
} as const;
const hiccup = { code: 'host_unavailable', retry: 'later' } as const;
const unavailable = { code: 'host_unavailable', retry: 'soon' } as const;
const gatewayLost = { ...unavailable, retry: 'later', possiblyStored: true } as const;
const unknownLimit = { ...limited, retryAfterMs: hourMs, buckets: [gate(hourMs, 'rate-limited')] } as const;
const userBucket = (resetInMs: number) => ({
  bucket: buckets.user,
  remaining: 0,
  resetInMs,
  reason: 'rate-limited',
});

const rows: readonly Row[] = [
  {
    what: '429 with the minutes to wait',
    reply: aReply(429, shape2(429, 429, tooFast)),
    ...limited,
    retryAfterMs: 37 * minuteMs,
    buckets: [userBucket(37 * minuteMs)],
    says: `Imgur allows no more uploads for now: ${tooFast}`,
  },
  {
    what: 'the minutes to wait in a plain error of 400',
    reply: aReply(400, shape1(400, 'Please wait 1 more minute.')),
    ...limited,
    retryAfterMs: minuteMs,
    buckets: [userBucket(minuteMs)],
  },
  {
    what: 'zero minutes to wait, which is a minute',
    reply: aReply(429, shape2(429, 429, 'Please wait 0 more minutes.')),
    ...limited,
    retryAfterMs: minuteMs,
  },
  {
    what: 'a million minutes to wait, which is no more than an hour and a little',
    reply: aReply(429, shape2(429, 429, 'Please wait 1000000 more minutes.')),
    ...limited,
    retryAfterMs: 65 * minuteMs,
  },
  {
    what: 'a million minutes to wait for the limit of a day',
    reply: aReply(429, shape2(429, 429, 'Daily limit reached, please wait 99999999999 more minutes.')),
    ...limited,
    retryAfterMs: 24 * hourMs,
  },
  { what: 'a bare 429', reply: aReply(429, shape3('429', 'Too Many Requests')), ...unknownLimit },
  { what: 'a 429 page', reply: aReply(429, page('Too many requests')), ...unknownLimit },
  { what: '429 inside of 200', reply: aReply(200, shape3('429', 'Too Many Requests')), ...unknownLimit },
  { what: '429 in the body of 200', reply: aReply(200, shape1(429, 'Slow down')), ...unknownLimit },
  {
    what: 'Retry-After: 0, which is not now',
    reply: aReply(429, '', { 'retry-after': '0' }),
    ...unknownLimit,
  },
  {
    what: 'Retry-After of a 429',
    reply: aReply(429, '', { 'retry-after': '120' }),
    ...limited,
    retryAfterMs: 120_000,
    buckets: [gate(120_000, 'rate-limited')],
  },
  {
    what: 'an empty user bucket',
    reply: aReply(429, shape3('429', 'Too Many Requests'), {
      'x-ratelimit-userremaining': '0',
      'x-ratelimit-userreset': '3600',
      'x-ratelimit-clientremaining': '12499',
      'x-post-rate-limit-remaining': '1206',
      'x-post-rate-limit-reset': '600',
    }),
    ...limited,
    retryAfterMs: hourMs,
    buckets: [
      { bucket: buckets.client, remaining: 1249, resetInMs: 4 * hourMs },
      userBucket(hourMs),
      { bucket: buckets.post, remaining: 1206, resetInMs: 600_000 },
    ],
  },
  {
    what: 'two empty buckets, of which the later counts',
    reply: aReply(429, shape3('429', 'Too Many Requests'), {
      'x-ratelimit-userremaining': '0',
      'x-ratelimit-userreset': '3600',
      'x-ratelimit-clientremaining': '0',
      'x-ratelimit-clientreset': '86400',
    }),
    ...limited,
    retryAfterMs: 24 * hourMs,
    buckets: [
      { bucket: buckets.client, remaining: 0, resetInMs: 24 * hourMs, reason: 'rate-limited' },
      userBucket(hourMs),
    ],
  },
  {
    what: 'minutes to wait beside a reset that is later',
    reply: aReply(429, shape2(429, 429, tooFast), {
      'x-ratelimit-userremaining': '3',
      'x-ratelimit-userreset': '3600',
    }),
    ...limited,
    retryAfterMs: hourMs,
    buckets: [userBucket(hourMs)],
  },
  {
    what: 'the daily limit',
    reply: aReply(429, shape1(429, 'Daily client requests exceeded')),
    ...limited,
    retryAfterMs: 4 * hourMs,
    buckets: [{ bucket: buckets.client, remaining: 0, resetInMs: 4 * hourMs, reason: 'rate-limited' }],
  },
  {
    what: 'the daily limit with its reset',
    reply: aReply(429, shape1(429, 'Daily client requests exceeded'), {
      'x-ratelimit-clientremaining': '5',
      'x-ratelimit-clientlimit': '12500',
      'x-ratelimit-clientreset': '7200',
    }),
    ...limited,
    retryAfterMs: 2 * hourMs,
    buckets: [
      { bucket: buckets.client, remaining: 0, limit: 1250, resetInMs: 2 * hourMs, reason: 'rate-limited' },
    ],
  },
  {
    what: 'the old form of a rate limit',
    reply: aReply(400, shape1(400, 'Uploading file too fast!')),
    ...limited,
    retryAfterMs: 5 * minuteMs,
    buckets: [gate(5 * minuteMs, 'rate-limited')],
  },
  { what: 'over capacity as 403', reply: aReply(403, shape1(403, overCapacity)), ...overloaded },
  { what: 'over capacity as 500', reply: aReply(500, shape1(500, overCapacity)), ...overloaded },
  { what: 'over capacity inside of 200', reply: aReply(200, shape1(403, overCapacity)), ...overloaded },
  { what: 'an over-capacity page', reply: aReply(503, page('Imgur is over capacity!')), ...overloaded },
  {
    what: 'an over-capacity page with 200',
    reply: aReply(200, page('Imgur is over capacity!')),
    ...overloaded,
  },
  {
    what: 'over capacity with a longer Retry-After',
    reply: aReply(503, shape1(503, overCapacity), { 'retry-after': '900' }),
    ...overloaded,
    retryAfterMs: 900_000,
    buckets: [gate(900_000, 'overloaded')],
  },
  {
    what: 'over capacity with a shorter Retry-After',
    reply: aReply(503, shape1(503, overCapacity), { 'retry-after': '5' }),
    ...overloaded,
  },
  { what: 'forbidden actions', reply: aReply(400, shape1(400, 'These actions are forbidden.')), ...blocked },
  {
    what: 'a banned country',
    reply: aReply(400, shape2(400, 1016, 'Banned country attempt (EG)')),
    ...blocked,
  },
  {
    what: 'a banned country without its code',
    reply: aReply(400, shape1(400, 'Banned country attempt (IN)')),
    ...blocked,
  },
  { what: 'code 403 inside of 400', reply: aReply(400, shape2(400, 403, 'Forbidden')), ...blocked },
  {
    what: '403 without words',
    reply: aReply(403, ''),
    ...blocked,
    retryAfterMs: minuteMs,
    buckets: [gate(minuteMs, 'blocked')],
  },
  { what: '451', reply: aReply(451, ''), ...blocked },
  { what: '403 for an album', reply: aReply(403, shape1(403, 'You do not own this album')), ...rejected },
  {
    what: 'a refused token',
    reply: aReply(403, shape1(403, 'The access token provided is invalid.')),
    ...credentials,
  },
  {
    what: 'a refused token with a code that says forbidden',
    reply: aReply(403, shape2(403, 403, 'The access token provided is invalid.')),
    ...credentials,
  },
  { what: 'missing credentials', reply: aReply(401, shape1(401, 'Authentication required')), ...credentials },
  { what: '401 without words', reply: aReply(401, ''), ...credentials },
  { what: 'an unknown application', reply: aReply(403, shape1(403, 'Invalid client_id')), ...credentials },
  {
    what: 'a RapidAPI key that is not subscribed',
    reply: aReply(403, { message: 'You are not subscribed to this API.' }),
    ...credentials,
    says: 'Imgur does not accept the credentials: You are not subscribed to this API.',
  },
  {
    what: 'the quota of RapidAPI',
    reply: aReply(429, { message: 'You have exceeded the DAILY quota for Requests on your current plan' }),
    ...unknownLimit,
  },
  {
    what: 'a gateway of RapidAPI that is away',
    reply: aReply(504, { message: 'Timed out' }),
    ...gatewayLost,
  },
  {
    what: 'a file type, 400',
    reply: aReply(400, shape2(400, 1003, 'File type invalid (1)')),
    ...rejected,
    says: 'Imgur refused the image: File type invalid (1)',
  },
  { what: 'a file type, 415', reply: aReply(415, shape2(415, 1003, 'File type invalid (1)')), ...rejected },
  {
    what: 'a file type inside of 500',
    reply: aReply(500, shape2(500, 1003, 'File type invalid (1)')),
    ...rejected,
  },
  {
    what: 'a file type as an object for exceptions',
    reply: aReply(400, {
      data: { error: { code: 1003, message: 'File type invalid (1)', exception: {} } },
      success: false,
    }),
    ...rejected,
  },
  {
    what: 'a file type in words',
    reply: aReply(400, shape1(400, "We don't support that file type!")),
    ...rejected,
  },
  { what: '415 without words', reply: aReply(415, ''), ...rejected },
  {
    what: 'a size',
    reply: aReply(400, shape1(400, 'File is over the size limit')),
    ...rejected,
    says: 'Imgur refused the image: File is over the size limit',
  },
  { what: '413 of an edge server', reply: aReply(413, page('Request Entity Too Large')), ...rejected },
  {
    what: 'an album that is not there',
    reply: aReply(404, shape1(404, 'Unable to find an album')),
    ...rejected,
  },
  {
    what: 'a failed expectation',
    reply: aReply(417, shape1(417, 'Internal expectation failed')),
    ...rejected,
    retry: 'once',
  },
  {
    what: 'a failed expectation with its keys in another order',
    reply: aReply(200, { status: 417, success: false, data: { error: 'Internal expectation failed' } }),
    ...rejected,
    retry: 'once',
  },
  {
    what: 'processing that failed, 500',
    reply: aReply(500, shape1(500, 'Could not process upload!')),
    ...hiccup,
  },
  {
    what: 'processing that failed, 400',
    reply: aReply(400, shape1(400, 'Unable to process upload!')),
    ...hiccup,
  },
  { what: 'a circuit breaker', reply: aReply(400, shape1(400, 'The circuit breaker is open')), ...hiccup },
  { what: '500 without words', reply: aReply(500, ''), ...unavailable },
  { what: '502', reply: aReply(502, page('Bad Gateway')), ...gatewayLost },
  {
    what: '503 of Varnish, with Retry-After: 0',
    reply: aReply(503, '<?xml version="1.0"?>', { 'retry-after': '0' }),
    ...unavailable,
  },
  {
    what: '503 with Retry-After',
    reply: aReply(503, '', { 'retry-after': '7' }),
    ...unavailable,
    retryAfterMs: 7_000,
  },
  {
    what: '503 with a Retry-After that is longer than an attempt waits',
    reply: aReply(503, '', { 'retry-after': '11' }),
    ...unavailable,
    retry: 'wait',
    retryAfterMs: 11_000,
    buckets: [gate(11_000, 'unavailable')],
  },
  {
    what: '503 with a Retry-After of days, which is less than an hour',
    reply: aReply(503, '', { 'retry-after': '999999' }),
    ...unavailable,
    retry: 'wait',
    retryAfterMs: 59 * minuteMs,
    buckets: [gate(59 * minuteMs, 'unavailable')],
  },
  { what: '504', reply: aReply(504, page('Gateway Timeout')), ...gatewayLost },
  { what: 'a 400 page of nginx', reply: aReply(400, page('400 Bad Request')), ...unavailable },
  { what: 'a 405 page of nginx', reply: aReply(405, page('405 Not Allowed')), ...unavailable },
  {
    what: '200 without success and without a reason',
    reply: aReply(200, { success: false }),
    code: 'host_bad_reply',
    retry: 'later',
    possiblyStored: true,
  },
  {
    what: 'a redirect',
    reply: aReply(302, '', { location: 'https://imgur.com/' }),
    code: 'host_bad_reply',
    retry: 'soon',
  },
];

describe('a refusal', () => {
  it.each(rows)('is understood: $what', ({ reply, says, what: _what, buckets: told, ...expected }) => {
    const error = errorOf(reply);
    expect(error).toMatchObject({
      retryAfterMs: undefined,
      possiblyStored: false,
      ...expected,
      notSent: false,
    });
    if (says !== undefined) expect(error.message).toBe(says);
    if (told !== undefined) expect(error.reading).toEqual({ scope: buckets.scope, buckets: told });
    if (told === undefined && ['host_unavailable', 'host_bad_reply'].includes(error.code))
      expect(error.reading).toBeUndefined();
  });

  const album = { job: { album: 'somebodys' } };
  it.each([
    ['a code of 403 inside of 400', aReply(400, shape2(400, 403, 'Forbidden'))],
    ['a code of 403 inside of 500', aReply(500, shape2(500, 403, 'Forbidden'))],
    ['a code of 403 inside of 401', aReply(401, shape2(401, 403, 'Forbidden'))],
    ['a code of 403 in the newest shape', aReply(403, shape3('403', 'Forbidden'))],
    ['403', aReply(403, shape1(403, 'Forbidden'))],
    ['401 that speaks of a permission', aReply(401, shape1(401, 'You lack the permission to do that'))],
    ['401 that speaks of the album', aReply(401, shape1(401, 'You are not the owner of this album'))],
  ])('of an image with an album pauses nothing: %s', (_what, reply) => {
    expect(errorOf(reply, album)).toMatchObject({ code: 'host_rejected', retry: 'never' });
    expect(errorOf(reply, album).reading?.buckets).toEqual([]);
    expect(errorOf(reply).reading?.buckets).not.toEqual([]);
  });

  it.each([
    ['a banned country', aReply(403, shape2(403, 403, 'Banned country attempt (EG)')), 'host_blocked'],
    ['over capacity', aReply(400, shape2(400, 403, overCapacity)), 'host_overloaded'],
    ['a refused token', aReply(403, shape2(403, 403, 'The access token is invalid')), 'host_credentials'],
    ['401 without a word of the album', aReply(401, shape1(401, 'Unauthorized')), 'host_credentials'],
    ['a page of 403', aReply(403, page('Forbidden')), 'host_blocked'],
  ])('of an image with an album is about everybody where it says so: %s', (_what, reply, code) => {
    expect(errorOf(reply, album)).toMatchObject({ code, retry: 'wait' });
  });

  it.each([
    ['a title of capacity', { title: 'over capacity' }, 'Invalid title: over capacity'],
    ['a title in another case', { title: 'OVER Capacity' }, 'Invalid title: over capacity'],
    ['a title on one line', { title: 'over \r\n capacity' }, 'Invalid title: over capacity'],
    [
      'a description of minutes, cut',
      { description: 'I wait 999999 more minutes for it' },
      'Too long: "I wait 999999 more minutes f…"',
    ],
    ['an album of limits', { album: 'daily client requests' }, 'No album daily client requests'],
    ['a title of credentials', { title: 'invalid client_id' }, 'Invalid title: invalid client_id'],
    ['a title of tokens', { title: 'my access token' }, 'Invalid title: my access token'],
  ])('is not steered by what it repeats of the job: %s', (_what, job, message) => {
    const reply = aReply(400, shape1(400, message));
    expect(errorOf(reply, { job })).toMatchObject({ code: 'host_rejected', retry: 'never' });
    expect(errorOf(reply, { job }).reading?.buckets).toEqual([]);
    expect(errorOf(reply, { job: { title: 'a cat' } }).retry).toBe('wait');
  });

  it('is not steered by a page that repeats what is of the job', () => {
    const reply = aReply(500, page('over capacity'));
    expect(errorOf(reply, { job: { title: 'over capacity' } })).toMatchObject({ code: 'host_unavailable' });
    expect(errorOf(reply)).toMatchObject({ code: 'host_overloaded' });
  });

  it('waits as for a limit without a time where the minutes may be those of the job', () => {
    const reply = aReply(429, shape2(429, 429, 'Bad title: wait 2 more minutes'));
    expect(errorOf(reply, { job: { title: 'wait 2 more minutes' } })).toMatchObject({ retryAfterMs: hourMs });
    expect(errorOf(reply)).toMatchObject({ retryAfterMs: 2 * minuteMs });
  });

  it('is about the access token where that is refused, whatever the job is called', () => {
    const reply = aReply(403, shape1(403, 'The access token provided is invalid.'));
    expect(errorOf(reply, { job: { title: 'access token' } })).toMatchObject({ code: 'host_credentials' });
  });

  it.each([
    [403, 'Invalid client_id', 'host_credentials'],
    [400, 'The client_id you gave is not known', 'host_credentials'],
    [401, 'invalid_client', 'host_credentials'],
    [500, 'Invalid client_id', 'host_unavailable'],
    [500, 'Failed on: Authorization: Client-ID 0123456789', 'host_unavailable'],
    [400, 'Failed on: Authorization: Client-ID 0123456789', 'host_rejected'],
  ])('is about the application where it says so and not where it names it: %i, %s', (status, words, code) => {
    expect(errorOf(aReply(status, shape1(status, words)))).toMatchObject({ code });
  });

  it('never shows a page', () => {
    expect(errorOf(aReply(503, page('secret stack trace'))).message).toBe(
      'Imgur is not available: it answered 503',
    );
  });

  it('shows words of a stranger on one line, cut, and without what must stay secret', () => {
    const redact = (text: string) => text.replaceAll('hunter2', '[secret]');
    const { message } = errorOf(aReply(400, shape1(400, `hunter2\r\n\u001b[31m\u202e${'x'.repeat(500)}`)), {
      redact,
    });
    expect(message).toMatch(/^Imgur refused the image: \[secret\] \[31m x+…$/);
    expect(message.length).toBeLessThan(240);
  });

  it('is paused for as long as the context says when Imgur is over capacity', () => {
    const error = errorOf(aReply(403, shape1(403, overCapacity)), { overloadMs: 8 * minuteMs });
    expect(error.reading?.buckets).toEqual([gate(8 * minuteMs, 'overloaded')]);
  });

  it('waits for the next day in the last second of a day too', () => {
    const lateMs = nowMs + 4 * hourMs - 10;
    expect(
      errorOf(aReply(429, shape1(429, 'Daily client requests exceeded')), { nowMs: lateMs }).retryAfterMs,
    ).toBe(minuteMs);
  });
});
