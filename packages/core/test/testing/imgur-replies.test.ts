import { Readable } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';

import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  type ImgurReply,
  type ImgurStandIn,
  imgurReplies,
  sampleImage,
  startImgurStandIn,
} from '../../src/testing/index.ts';
import { postImage } from './post-image.ts';

const json = 'application/json';
const html = 'text/html; charset=utf-8';

let standIn: ImgurStandIn;

beforeAll(async () => {
  standIn = await startImgurStandIn({ limits: { client: false, user: 1_000_000, post: false } });
});

beforeEach(() => standIn.reset());

afterAll(() => standIn.close());

function refusal(status: number, error: unknown): object {
  return { data: { error, request: '/3/image', method: 'POST' }, success: false, status };
}

function exception(status: number, code: number, message: string): object {
  return refusal(status, { code, message, type: 'ImgurException', exception: [] });
}

const refusals: [name: keyof typeof imgurReplies, reply: ImgurReply, status: number, body: object][] = [
  [
    'tooFast',
    imgurReplies.tooFast(12),
    429,
    exception(429, 429, 'You are uploading too fast. Please wait 12 more minutes.'),
  ],
  ['dailyLimit', imgurReplies.dailyLimit(), 429, refusal(429, 'Daily client requests exceeded')],
  ['uploadingTooFast', imgurReplies.uploadingTooFast(), 400, refusal(400, 'Uploading file too fast!')],
  [
    'overCapacity',
    imgurReplies.overCapacity(),
    403,
    refusal(403, 'Imgur is temporarily over capacity. Please try again later.'),
  ],
  [
    'overCapacity',
    imgurReplies.overCapacity(500),
    500,
    refusal(500, 'Imgur is temporarily over capacity. Please try again later.'),
  ],
  ['bannedCountry', imgurReplies.bannedCountry(), 400, exception(400, 1016, 'Banned country attempt (EG)')],
  [
    'bannedCountry',
    imgurReplies.bannedCountry('IN'),
    400,
    exception(400, 1016, 'Banned country attempt (IN)'),
  ],
  ['forbidden', imgurReplies.forbidden(), 400, exception(400, 403, 'Forbidden')],
  ['invalidToken', imgurReplies.invalidToken(), 403, refusal(403, 'The access token provided is invalid.')],
  [
    'authenticationRequired',
    imgurReplies.authenticationRequired(),
    401,
    refusal(401, 'Authentication required'),
  ],
  ['invalidRefreshToken', imgurReplies.invalidRefreshToken(), 400, refusal(400, 'Invalid refresh token')],
  ['fileTypeInvalid', imgurReplies.fileTypeInvalid(), 400, exception(400, 1003, 'File type invalid (1)')],
  ['fileTypeInvalid', imgurReplies.fileTypeInvalid(415), 415, exception(415, 1003, 'File type invalid (1)')],
  [
    'unsupportedFileType',
    imgurReplies.unsupportedFileType(),
    400,
    exception(400, 1003, "We don't support that file type!"),
  ],
  ['overSizeLimit', imgurReplies.overSizeLimit(), 400, refusal(400, 'File is over the size limit')],
  ['expectationFailed', imgurReplies.expectationFailed(), 417, refusal(417, 'Internal expectation failed')],
  ['noImage', imgurReplies.noImage(), 400, refusal(400, 'No image data was sent to the upload api')],
  [
    'malformed',
    imgurReplies.malformed(),
    400,
    refusal(400, 'The multipart body is malformed: it has no closing boundary'),
  ],
  ['notFound', imgurReplies.notFound(), 404, refusal(404, 'Unable to find an image')],
  [
    'permissionRequired',
    imgurReplies.permissionRequired(),
    403,
    refusal(403, "You don't have permission to do that."),
  ],
  ['couldNotProcess', imgurReplies.couldNotProcess(), 500, refusal(500, 'Could not process upload!')],
  ['unableToProcess', imgurReplies.unableToProcess(), 400, refusal(400, 'Unable to process upload!')],
  [
    'circuitBreaker',
    imgurReplies.circuitBreaker(),
    400,
    refusal(400, 'Upload failed: circuit breaker is open'),
  ],
  ['contradiction', imgurReplies.contradiction(400, 400, 1003, 'No'), 400, exception(400, 1003, 'No')],
  [
    'albumRefused',
    imgurReplies.albumRefused(),
    403,
    refusal(403, 'You must own the album to add images to it'),
  ],
];

const pages: [
  name: keyof typeof imgurReplies,
  reply: ImgurReply,
  status: number,
  type: string,
  text: RegExp,
][] = [
  ['htmlPage', imgurReplies.htmlPage(), 502, html, /^<html>/],
  ['htmlPage', imgurReplies.htmlPage(200), 200, html, /^<html>/],
  ['nginx405', imgurReplies.nginx405(), 405, html, /405 Not Allowed.*nginx/s],
  ['nginx400', imgurReplies.nginx400(), 400, html, /400 Bad Request.*nginx/s],
  ['tooManyRequestsPage', imgurReplies.tooManyRequestsPage(), 429, html, /Too many requests/],
  ['overCapacityPage', imgurReplies.overCapacityPage(), 503, html, /over capacity/],
  ['varnish503', imgurReplies.varnish503(), 503, html, /^<\?xml.*client read error/s],
  ['xmlPage', imgurReplies.xmlPage(), 503, 'application/xml', /^<\?xml/],
  ['legallyBlocked', imgurReplies.legallyBlocked(), 451, html, /not available/],
  ['redirect', imgurReplies.redirect(), 302, html, /Moved/],
  ['gatewayRefusal', imgurReplies.gatewayRefusal(403, 'No'), 403, json, /^{"message":"No"}$/],
  ['gatewayTimeout', imgurReplies.gatewayTimeout(), 504, json, /^{"messages":"The request/],
  ['brokenJson', imgurReplies.brokenJson(), 200, json, /^\{"data":\{"id":"$/],
  ['emptyBody', imgurReplies.emptyBody(), 200, json, /^$/],
];

const successes: [name: keyof typeof imgurReplies, reply: ImgurReply, body: object][] = [
  ['success', imgurReplies.success(), { success: true }],
  ['successFalse', imgurReplies.successFalse(), { success: false, status: 200 }],
  ['foreignLink', imgurReplies.foreignLink(), { data: { link: 'https://imgur.example/abc.jpg' } }],
  [
    'insecureLink',
    imgurReplies.insecureLink(),
    { data: { link: expect.stringMatching(/^http:\/\/i\.imgur/) } },
  ],
  ['emptyLink', imgurReplies.emptyLink(), { data: { link: '' } }],
  ['otherExtension', imgurReplies.otherExtension(), { data: { link: expect.stringMatching(/\w{7}\.jpg$/) } }],
  ['processing', imgurReplies.processing(), { data: { processing: { status: 'pending' }, mp4: '' } }],
  ['delay', imgurReplies.delay(1), { success: true }],
  ['slowReply', imgurReplies.slowReply(0, imgurReplies.minimal()), { success: true }],
];

const apart: (keyof typeof imgurReplies)[] = [
  'tooManyRequests',
  'forbiddenActions',
  'noLink',
  'noDeleteHash',
  'minimal',
  'withoutRateHeaders',
  'resetBeforeBody',
  'resetAfterBody',
  'neverReply',
  'stallReading',
  'truncatedReply',
  'withStatus',
  'withHeaders',
  'emptyBucket',
  'retryAfter',
  'onlyFor',
];

describe('the catalogue', () => {
  it('has no reply that is not held to its shape here', () => {
    const held = [...refusals, ...pages, ...successes].map(([name]) => name);
    expect(new Set([...held, ...apart])).toEqual(new Set(Object.keys(imgurReplies)));
  });

  it.each(refusals)('%s is a refusal', async (_, reply, status, body) => {
    standIn.next(reply);
    const answer = await postImage(standIn);
    expect([answer.status, answer.headers['content-type']]).toEqual([status, json]);
    expect(JSON.parse(answer.text)).toEqual(body);
    expect(answer.headers['x-ratelimit-userlimit']).toBe('1000000');
    expect(standIn.requests).toMatchObject({ accepted: 0, refused: 1, rateLimited: 0 });
  });

  it.each(pages)('%s can not be read as an answer of the API', async (_, reply, status, type, text) => {
    standIn.next(reply);
    const answer = await postImage(standIn);
    expect(answer).toMatchObject({
      status,
      text: expect.stringMatching(text),
      headers: { 'content-type': type },
    });
    expect(standIn.requests).toMatchObject({ accepted: 0, refused: 1 });
  });

  it.each(successes)('%s stores the image', async (_, reply, body) => {
    standIn.next(reply);
    const answer = await postImage(standIn);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject(body);
    expect(standIn.requests).toMatchObject({ accepted: 1, refused: 0 });
  });

  it('tooManyRequests has neither data nor success', async () => {
    standIn.next(imgurReplies.tooManyRequests());
    const { status, headers, text } = await postImage(standIn);
    expect([status, headers['content-type']]).toEqual([429, 'application/vnd.imgur.v1+json']);
    const error = { id: expect.stringMatching(/^legacy-api-/), code: '429' };
    expect(JSON.parse(text)).toMatchObject({ errors: [{ ...error, status: 'Too Many Requests' }] });
    expect(Object.keys(JSON.parse(text))).toEqual(['errors']);
  });

  it('forbiddenActions is the 78 bytes of the network in front', async () => {
    standIn.next(imgurReplies.forbiddenActions());
    const { status, headers, text } = await postImage(standIn);
    expect([status, headers['cdn-error'], headers['x-ratelimit-userlimit']]).toEqual([400, 'yes', undefined]);
    expect(text).toHaveLength(78);
    expect(JSON.parse(text)).toMatchObject({ data: { error: 'These actions are forbidden.' } });
  });

  it('expectationFailed has its keys in another order', async () => {
    standIn.next(imgurReplies.expectationFailed());
    expect((await postImage(standIn)).text).toMatch(/^\{"status":417,"success":false,"data":/);
  });

  it('varnish503 asks to try again after 0 seconds', async () => {
    standIn.next(imgurReplies.varnish503());
    const { headers } = await postImage(standIn);
    expect([headers['retry-after'], headers['x-ratelimit-userlimit']]).toEqual(['0', undefined]);
  });

  it.each([
    [imgurReplies.noLink(), ['link']],
    [imgurReplies.noDeleteHash(), ['deletehash']],
    [imgurReplies.minimal(), ['title', 'type', 'size']],
  ])('a success may leave out some of itself', async (reply, missing) => {
    standIn.next(reply);
    const { data } = JSON.parse((await postImage(standIn)).text) as { data: object };
    for (const name of missing) expect(data).not.toHaveProperty(name);
    expect(data).toHaveProperty('id');
  });

  it('withoutRateHeaders is a success that does not tell of limits', async () => {
    standIn.next(imgurReplies.withoutRateHeaders());
    const { status, headers } = await postImage(standIn);
    expect([status, Object.keys(headers).filter((name) => name.includes('rate'))]).toEqual([200, []]);
  });

  it('withStatus and withHeaders change any reply', async () => {
    const exhausted = { 'X-RateLimit-UserRemaining': '0', 'X-RateLimit-UserReset': '1800' };
    standIn.next(imgurReplies.withHeaders(exhausted, imgurReplies.withStatus(200, imgurReplies.tooFast())));
    const { status, headers, text } = await postImage(standIn);
    expect([status, headers['x-ratelimit-userremaining'], headers['x-ratelimit-userreset']]).toEqual([
      200,
      '0',
      '1800',
    ]);
    expect(JSON.parse(text)).toMatchObject({ success: false, status: 429 });
  });
});

describe('odd replies', () => {
  it('contradiction has three codes', async () => {
    standIn.next(imgurReplies.contradiction(500, 200, 1003, 'No'));
    const { status, text } = await postImage(standIn);
    expect([status, JSON.parse(text)]).toMatchObject([500, { status: 200, data: { error: { code: 1003 } } }]);
  });

  it('onlyFor answers one image so, by its size, and others as usual', async () => {
    standIn.always(imgurReplies.onlyFor(100, imgurReplies.htmlPage(500)));
    const sizes = [99, 100, 101, 100];
    const answers = sizes.map((bytes) =>
      postImage(standIn, { image: Buffer.from(sampleImage('image/png', { bytes })) }),
    );
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 500, 200, 500]);
  });

  it('redirect names another place', async () => {
    standIn.next(imgurReplies.redirect(307, 'https://portal.example/'));
    expect(await postImage(standIn)).toMatchObject({
      status: 307,
      headers: { location: 'https://portal.example/' },
    });
  });

  it('emptyBucket and retryAfter say only what they are given, as it is', async () => {
    standIn.next(imgurReplies.retryAfter('soon', imgurReplies.emptyBucket('post', '-1')));
    const { status, headers } = await postImage(standIn);
    expect([status, headers['x-post-rate-limit-remaining'], headers['x-post-rate-limit-reset']]).toEqual([
      429,
      '0',
      '-1',
    ]);
    expect([headers['retry-after'], headers['x-ratelimit-userlimit']]).toEqual(['soon', undefined]);
  });
});

describe('behaviours', () => {
  it('resetBeforeBody stores nothing', async () => {
    standIn.next(imgurReplies.resetBeforeBody());
    await expect(postImage(standIn)).rejects.toThrow();
    await standIn.waitUntil(({ inFlight }) => inFlight === 0);
    expect(standIn.requests).toMatchObject({ posts: 1, accepted: 0, refused: 1 });
  });

  it('resetAfterBody stores the image and loses the reply', async () => {
    standIn.next(imgurReplies.resetAfterBody());
    await expect(postImage(standIn)).rejects.toThrow();
    expect(standIn.requests).toMatchObject({ posts: 1, accepted: 1, refused: 0 });
  });

  it.each([
    ['neverReply', imgurReplies.neverReply(), { accepted: 1, refused: 0 }],
    ['stallReading', imgurReplies.stallReading(), { accepted: 0, refused: 1 }],
  ])('%s lasts until the sender gives up', async (_, reply, counts) => {
    standIn.next(reply);
    const giving = new AbortController();
    const posting = postImage(standIn, { signal: giving.signal });
    await standIn.waitUntil(({ accepted, refused }) => accepted + refused === 1);
    expect(standIn.requests).toMatchObject({ ...counts, inFlight: 1 });
    giving.abort(new Error('given up'));
    await expect(posting).rejects.toThrow('given up');
    await standIn.waitUntil(({ inFlight }) => inFlight === 0);
  });

  it('stallReading does not read a large body', async () => {
    const stalling = await startImgurStandIn();
    stalling.next(imgurReplies.stallReading());
    let sent = 0;
    async function* body(): AsyncGenerator<Buffer> {
      for (; sent < 50_000_000; sent += 65_536) yield Buffer.alloc(65_536);
    }
    const headers = { authorization: 'Client-ID test', 'content-type': 'image/png' };
    const posting = request(`${stalling.url}/3/image`, {
      method: 'POST',
      headers,
      body: Readable.from(body()),
    });
    await stalling.waitUntil(({ refused }) => refused === 1);
    expect(await Promise.race([posting.catch(() => 'failed'), after(50, 'stalled')])).toBe('stalled');
    expect(sent).toBeLessThan(50_000_000);
    await Promise.all([stalling.close(), expect(posting).rejects.toThrow()]);
  });

  it('truncatedReply ends in the middle of the answer', async () => {
    standIn.next(imgurReplies.truncatedReply());
    await expect(postImage(standIn)).rejects.toThrow();
    expect(standIn.requests.accepted).toBe(1);
  });

  it('delay and latencyMs pass before the answer and after the image is stored', async () => {
    const late = await startImgurStandIn({ latencyMs: 20 });
    late.next(imgurReplies.delay(20, imgurReplies.dailyLimit()));
    const begun = performance.now();
    expect(await postImage(late)).toMatchObject({ status: 429 });
    // Timers may fire a millisecond early.
    expect(performance.now() - begun).toBeGreaterThanOrEqual(39);
    await late.close();
  });

  it('slowReply sends one byte after another', async () => {
    const reply: ImgurReply = { answer: { status: 500, contentType: 'text/plain', body: '12345' } };
    standIn.next(imgurReplies.slowReply(8, reply));
    const begun = performance.now();
    expect(await postImage(standIn)).toMatchObject({ status: 500, text: '12345' });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(35);
  });

  it.each([imgurReplies.delay(60_000), imgurReplies.slowReply(60_000)])(
    'that take long are over when the server closes',
    async (reply) => {
      const slow = await startImgurStandIn();
      slow.next(reply);
      const posting = postImage(slow);
      await Promise.race([slow.waitUntil(({ posts, inFlight }) => posts === 1 && inFlight === 1), posting]);
      await Promise.all([slow.close(), expect(posting).rejects.toThrow()]);
    },
  );
});

describe('orders', () => {
  const status = async (): Promise<number> => (await postImage(standIn)).status;

  it('are carried out one after the other, then the standing one', async () => {
    standIn.next(imgurReplies.couldNotProcess(), { times: 2 });
    standIn.next(imgurReplies.success());
    standIn.always(imgurReplies.htmlPage(502));
    expect([await status(), await status(), await status(), await status()]).toEqual([500, 500, 200, 502]);
    standIn.always(undefined);
    expect(await status()).toBe(200);
  });

  it('can store an image that is refused, and not store one that is taken', async () => {
    standIn.next(imgurReplies.htmlPage(504), { stored: true });
    standIn.next(imgurReplies.success(), { stored: false });
    expect([await status(), await status()]).toEqual([504, 200]);
    expect(standIn.requests).toMatchObject({ accepted: 1, refused: 1 });
    expect(standIn.images).toHaveLength(1);
  });

  it('of a success do not take what would be refused', async () => {
    standIn.next(imgurReplies.emptyLink());
    expect(await postImage(standIn, { image: Buffer.from('text') })).toMatchObject({ status: 400 });
    standIn.next(imgurReplies.resetAfterBody());
    await expect(postImage(standIn, { image: Buffer.from('text') })).rejects.toThrow();
    expect(standIn.images).toEqual([]);
  });
});

describe('a hold of the stand-in', () => {
  it('keeps answers back until released; their images are stored', async () => {
    const held = standIn.hold();
    const posting = [postImage(standIn), postImage(standIn)];
    await held.waitFor(2);
    expect(standIn.requests).toMatchObject({ accepted: 2, inFlight: 2 });
    held.release();
    expect((await Promise.all(posting)).map(({ status }) => status)).toEqual([200, 200]);
    expect(standIn.requests).toMatchObject({ inFlight: 0, peak: 2 });
  });

  it('can be for the next posts only', async () => {
    const held = standIn.hold({ times: 1 });
    const first = postImage(standIn);
    await held.waitFor(1);
    expect(await postImage(standIn)).toMatchObject({ status: 200 });
    held.release();
    await first;
  });

  it('lets go of a sender that gives up', async () => {
    const held = standIn.hold();
    const giving = new AbortController();
    const posting = postImage(standIn, { signal: giving.signal });
    await held.waitFor(1);
    giving.abort(new Error('given up'));
    await expect(posting).rejects.toThrow('given up');
    await standIn.waitUntil(({ inFlight }) => inFlight === 0);
    expect(held.waiting).toBe(0);
  });
});

describe('a reset', () => {
  it('forgets everything and lets those held go on', async () => {
    standIn.next(imgurReplies.dailyLimit(), { times: 9 });
    standIn.always(imgurReplies.dailyLimit());
    standIn.revoke('test');
    const held = standIn.hold();
    const posting = postImage(standIn);
    await held.waitFor(1);
    standIn.reset();
    await posting;
    const { headers, status } = await postImage(standIn);
    expect([status, headers['x-ratelimit-userremaining']]).toEqual([200, '999990']);
    expect(standIn.requests).toMatchObject({ posts: 1, accepted: 1, refused: 0, inFlight: 0, peak: 1 });
  });

  it('keeps counting what is under way', async () => {
    standIn.next(imgurReplies.stallReading());
    const giving = new AbortController();
    const posting = postImage(standIn, { signal: giving.signal });
    await standIn.waitUntil(({ refused }) => refused === 1);
    standIn.reset();
    expect(standIn.requests).toMatchObject({ posts: 0, refused: 0, inFlight: 1, peak: 1 });
    giving.abort();
    await expect(posting).rejects.toThrow();
    await standIn.waitUntil(({ inFlight }) => inFlight === 0);
  });
});

describe('waiting for images', () => {
  it('is over when so many were accepted', async () => {
    const waiting = standIn.waitFor(2);
    await postImage(standIn, { fields: { title: 'one' } });
    standIn.next(imgurReplies.htmlPage());
    await postImage(standIn);
    await postImage(standIn, { fields: { title: 'two' } });
    expect((await waiting).map(({ fields }) => fields.title)).toEqual(['one', 'two']);
  });

  it('ends with its signal', async () => {
    const giving = new AbortController();
    const waiting = standIn.waitFor(1, { signal: giving.signal });
    giving.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
  });
});
