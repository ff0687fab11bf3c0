import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';

import { createImgurHost, type ImgurHost } from '../../src/imgur-host/imgur-host.ts';
import type { ImgurHostOptions } from '../../src/imgur-host/imgur-host-options.ts';
import { failureOf, heldImage, never } from './imgur-server.ts';
import { shape1, shape2, shape3, stored } from './reply-context.ts';

const clientId = '546c25a59c58ad7';
const minuteMs = 60_000;
const hosts: ImgurHost[] = [];

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
});

function hostWith(options: Partial<ImgurHostOptions> = {}): ImgurHost {
  const host = createImgurHost({ clientId, ...options });
  hosts.push(host);
  return host;
}

const upload = (host: ImgurHost) => host.upload(heldImage(), { signal: never });
const imgur = () => nock('https://api.imgur.com');
const page = '<html><body><h1>503 Backend fetch failed</h1></body></html>';

describe('Imgur', () => {
  it('is sent the image at its documented address', async () => {
    let form: FormData | undefined;
    imgur()
      .post('/3/image')
      .matchHeader('authorization', `Client-ID ${clientId}`)
      .matchHeader('content-type', /^multipart\/form-data; boundary=/)
      .reply(
        200,
        async (request: Request) => {
          form = await request.formData();
          return stored() as nock.Body;
        },
        {
          'X-RateLimit-UserRemaining': '490',
          'X-RateLimit-UserLimit': '500',
          'X-RateLimit-UserReset': '3600',
        },
      );

    const { link, reading } = await upload(hostWith());
    expect(link).toBe('https://i.imgur.com/gAGub9k.jpg');
    expect(reading?.buckets).toMatchObject([{ remaining: 49, limit: 50, resetInMs: 60 * minuteMs }]);
    const image = form?.get('image');
    expect(image instanceof File && (await image.text())).toBe('the image');
  });

  it('is sent videos at the address for them', async () => {
    imgur()
      .post('/3/upload')
      .reply(200, stored({ link: '', id: 'abcdefg', type: 'video/mp4' }) as nock.Body);
    const video = heldImage(Buffer.from('video'), 'video/mp4');
    expect((await hostWith().upload(video, { signal: never })).link).toBe('https://i.imgur.com/abcdefg.mp4');
  });

  it.each([
    [
      'a bare 429',
      429,
      shape3('429', 'Too Many Requests'),
      {},
      { code: 'host_rate_limited', retryAfterMs: 60 * minuteMs },
    ],
    [
      'minutes',
      429,
      shape2(429, 429, 'Please wait 37 more minutes.'),
      {},
      { code: 'host_rate_limited', retryAfterMs: 37 * minuteMs },
    ],
    [
      'Retry-After: 0',
      429,
      '',
      { 'Retry-After': '0' },
      { code: 'host_rate_limited', retryAfterMs: 60 * minuteMs },
    ],
    [
      'over capacity',
      403,
      shape1(403, 'Imgur is temporarily over capacity. Please try again later.'),
      {},
      { code: 'host_overloaded', retry: 'wait', retryAfterMs: minuteMs + 1_000 },
    ],
    [
      'a block',
      400,
      shape1(400, 'These actions are forbidden.'),
      { 'CDN-Error': 'yes' },
      { code: 'host_blocked', retry: 'wait' },
    ],
    ['a banned country', 400, shape2(400, 1016, 'Banned country attempt (IN)'), {}, { code: 'host_blocked' }],
    [
      'no credentials',
      401,
      shape1(401, 'Authentication required'),
      {},
      { code: 'host_credentials', retry: 'wait' },
    ],
    [
      'a file type',
      400,
      shape2(400, 1003, 'File type invalid (1)'),
      {},
      { code: 'host_rejected', retry: 'never' },
    ],
    [
      'a size',
      400,
      shape1(400, 'File is over the size limit'),
      {},
      { code: 'host_rejected', retry: 'never' },
    ],
    [
      'a failed expectation',
      417,
      shape1(417, 'Internal expectation failed'),
      {},
      { code: 'host_rejected', retry: 'once' },
    ],
    [
      'failed processing',
      500,
      shape1(500, 'Could not process upload!'),
      {},
      { code: 'host_unavailable', retry: 'later' },
    ],
    [
      'a page',
      503,
      page,
      { 'Content-Type': 'text/html', 'Retry-After': '0' },
      { code: 'host_unavailable', retryAfterMs: undefined },
    ],
    [
      'a page with 200',
      200,
      page,
      { 'Content-Type': 'application/json' },
      { code: 'host_bad_reply', possiblyStored: true },
    ],
    ['no success with 200', 200, shape1(429, 'Slow down'), {}, { code: 'host_rate_limited' }],
  ])('is understood when it answers with %s', async (_what, status, body, headers, expected) => {
    imgur()
      .post('/3/image')
      .reply(status, body as nock.Body, headers);
    expect(await failureOf(upload(hostWith()))).toMatchObject(expected);
  });

  it('is left alone for longer each time that it is over capacity, until it takes an image', async () => {
    const clock = { nowMs: 1_000_000 };
    const host = hostWith({ now: () => clock.nowMs });
    const busy = shape1(403, 'Imgur is temporarily over capacity. Please try again later.') as nock.Body;
    const replies = [busy, busy, busy, undefined, busy];
    const waits: (number | undefined)[] = [];
    for (const reply of replies) {
      imgur()
        .post('/3/image')
        .reply(reply === undefined ? 200 : 403, reply ?? (stored() as nock.Body));
      if (reply === undefined) await upload(host);
      else waits.push((await failureOf(upload(host))).reading?.buckets.at(-1)?.resetInMs);
      clock.nowMs += waits.at(-1) ?? 0;
    }
    expect(waits).toEqual([1, 2, 4, 1].map((minutes) => minutes * minuteMs));
  });

  it('deletes by deletehash', async () => {
    imgur()
      .delete('/3/image/aBcDeF')
      .matchHeader('authorization', `Client-ID ${clientId}`)
      .reply(200, { data: true, success: true, status: 200 });
    await hostWith().delete('aBcDeF', { signal: never });
  });

  it('renews an access token where it was refused', async () => {
    imgur()
      .post('/3/image')
      .matchHeader('authorization', 'Bearer old')
      .reply(403, shape1(403, 'The access token provided is invalid.') as nock.Body);
    imgur().post('/oauth2/token').reply(200, { access_token: 'new', refresh_token: 'newer' });
    imgur()
      .post('/3/image')
      .matchHeader('authorization', 'Bearer new')
      .reply(200, stored() as nock.Body);
    const host = hostWith({ accessToken: 'old', refreshToken: 'older', clientSecret: 'secret' });
    expect(await failureOf(upload(host))).toMatchObject({ code: 'host_credentials', retry: 'again' });
    await upload(host);
  });
});

describe('RapidAPI', () => {
  const rapidApi = () =>
    nock('https://imgur-apiv3.p.rapidapi.com')
      .matchHeader('x-rapidapi-key', 'commercial-key')
      .matchHeader('x-rapidapi-host', 'imgur-apiv3.p.rapidapi.com');

  it('is sent the image with its key and the credentials of Imgur', async () => {
    rapidApi()
      .post('/3/image')
      .matchHeader('authorization', `Client-ID ${clientId}`)
      .reply(200, stored() as nock.Body, { 'X-Post-Rate-Limit-Remaining': '0' });
    const { reading } = await upload(hostWith({ rapidApiKey: 'commercial-key' }));
    expect(reading?.buckets).toEqual([]);
  });

  it('is passed by for renewing an access token, which is sent no key', async () => {
    rapidApi()
      .post('/3/image')
      .reply(403, shape1(403, 'The access token provided is invalid.') as nock.Body);
    nock('https://api.imgur.com', { badheaders: ['x-rapidapi-key', 'authorization'] })
      .post('/oauth2/token')
      .reply(200, { access_token: 'new', refresh_token: 'newer' });
    const account = { accessToken: 'old', refreshToken: 'older', clientSecret: 'secret' };
    const failure = await failureOf(upload(hostWith({ rapidApiKey: 'commercial-key', ...account })));
    expect(failure).toMatchObject({ code: 'host_credentials', retry: 'again' });
  });

  it('is not answered with a new access token when it refuses its own key', async () => {
    rapidApi().post('/3/image').reply(403, { message: 'You are not subscribed to this API.' });
    const account = { accessToken: 'old', refreshToken: 'older', clientSecret: 'secret' };
    const failure = await failureOf(upload(hostWith({ rapidApiKey: 'commercial-key', ...account })));
    expect(failure).toMatchObject({ code: 'host_credentials', retry: 'wait' });
  });
});
