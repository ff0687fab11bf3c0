import { describe, expect, it } from 'vitest';

import { type ImgurReply, imgurReplies } from '@imgferry/core/testing';
import { MoodyScene } from './moody-scene.ts';

// What a reply does to the one image that it is the reply to: nothing of it pauses the host.

interface Row {
  readonly what: string;
  /** The first replies; the host takes what comes after them. */
  readonly replies: readonly ImgurReply[];
  readonly posts: number;
  readonly attempts: number;
  readonly album?: string;
}

const tried = (posts: number, attempts: number = 1) => ({ posts, attempts });
const times = (count: number, reply: ImgurReply): ImgurReply[] => Array.from({ length: count }, () => reply);

interface Failed extends Row {
  readonly code: string;
  readonly says: string;
}

const refused = { code: 'host_rejected', ...tried(1) };
const [expectation, process500] = [imgurReplies.expectationFailed(), imgurReplies.couldNotProcess()];

const failing: readonly Failed[] = [
  {
    what: 'a type that is not taken, 400',
    replies: [imgurReplies.fileTypeInvalid()],
    ...refused,
    says: 'Imgur refused the image: File type invalid (1)',
  },
  {
    what: 'a type that is not taken, 415',
    replies: [imgurReplies.unsupportedFileType(415)],
    ...refused,
    says: "Imgur refused the image: We don't support that file type!",
  },
  {
    what: 'a type that is not taken, as a code inside of 500',
    replies: [imgurReplies.contradiction(500, 500, 1003)],
    ...refused,
    says: 'Imgur refused the image: Something else',
  },
  {
    what: 'a type that is not taken, as a code inside of 200',
    replies: [imgurReplies.contradiction(200, 200, 1003)],
    ...refused,
    says: 'Imgur refused the image: Something else',
  },
  {
    what: 'an image that is too large',
    replies: [imgurReplies.overSizeLimit()],
    ...refused,
    says: 'Imgur refused the image: File is over the size limit',
  },
  {
    what: 'no image in the form',
    replies: [imgurReplies.noImage()],
    ...refused,
    says: 'Imgur refused the image: No image data was sent to the upload api',
  },
  {
    what: 'a status in the body of 200 that says 400',
    replies: [imgurReplies.withStatus(200, imgurReplies.noImage())],
    ...refused,
    says: 'Imgur refused the image: No image data was sent to the upload api',
  },
  {
    what: 'a failed expectation, twice',
    replies: [expectation, expectation],
    code: 'host_rejected',
    ...tried(2),
    says: 'Imgur failed on the image: Internal expectation failed',
  },
  {
    what: 'an album that is refused in so many words',
    replies: [imgurReplies.albumRefused()],
    ...refused,
    says: 'Imgur refused the image: You must own the album to add images to it',
  },
  {
    what: 'an album that is refused without a word of it',
    replies: [imgurReplies.permissionRequired()],
    album: 'somebodys',
    ...refused,
    says: "Imgur refused the image, or its album: You don't have permission to do that.",
  },
  {
    what: 'an album that is refused with a code alone',
    replies: [imgurReplies.forbidden()],
    album: 'somebodys',
    ...refused,
    says: 'Imgur refused the image, or its album: Forbidden',
  },
  {
    what: 'a body that is too large for the web server in front',
    replies: [imgurReplies.htmlPage(413)],
    ...refused,
    says: 'Imgur refused the image: it answered 413',
  },
  {
    what: 'a request that the gateway of RapidAPI does not understand',
    replies: [imgurReplies.gatewayRefusal(400, 'Bad request')],
    ...refused,
    says: 'Imgur refused the image: Bad request',
  },
  {
    what: 'processing that fails three times',
    replies: times(3, process500),
    code: 'host_unavailable',
    ...tried(3, 3),
    says: 'Imgur could not process the image: Could not process upload!',
  },
  {
    what: 'pages of 500 without an end',
    replies: times(9, imgurReplies.htmlPage(500)),
    code: 'host_unavailable',
    ...tried(9, 3),
    says: 'Imgur is not available: it answered 500',
  },
  {
    what: 'redirects without an end',
    replies: times(9, imgurReplies.redirect()),
    code: 'host_bad_reply',
    ...tried(9, 3),
    says: 'Imgur gave an answer that makes no sense: it answered 302',
  },
];

const passing: readonly Row[] = [
  { what: 'a failed expectation', replies: [expectation], ...tried(2) },
  { what: 'processing that failed, 500', replies: [process500], ...tried(2, 2) },
  { what: 'processing that failed, 400', replies: [imgurReplies.unableToProcess()], ...tried(2, 2) },
  { what: 'a circuit breaker', replies: [imgurReplies.circuitBreaker()], ...tried(2, 2) },
  { what: 'a page of 500', replies: [imgurReplies.htmlPage(500)], ...tried(2) },
  { what: 'a page of 503', replies: [imgurReplies.htmlPage(503)], ...tried(2) },
  { what: 'a page of XML', replies: [imgurReplies.xmlPage()], ...tried(2) },
  { what: '503 of Varnish with Retry-After: 0', replies: [imgurReplies.varnish503()], ...tried(2) },
  {
    what: '503 with a Retry-After that nobody can read',
    replies: [imgurReplies.retryAfter('soon', imgurReplies.htmlPage(503))],
    ...tried(2),
  },
  {
    what: '503 with a Retry-After in the past',
    replies: [imgurReplies.retryAfter('Sun, 01 Nov 2026 08:00:00 GMT', imgurReplies.htmlPage(503))],
    ...tried(2),
  },
  { what: 'a 400 page of nginx', replies: [imgurReplies.nginx400()], ...tried(2) },
  { what: 'a 405 page of nginx', replies: [imgurReplies.nginx405()], ...tried(2) },
  { what: 'broken JSON of an error', replies: [imgurReplies.brokenJson(500)], ...tried(2) },
  { what: 'an error without a body', replies: [imgurReplies.emptyBody(500)], ...tried(2) },
  { what: 'a redirect', replies: [imgurReplies.redirect(307)], ...tried(2) },
  {
    what: 'an error that is cut off',
    replies: [imgurReplies.truncatedReply(imgurReplies.htmlPage(500))],
    ...tried(2),
  },
  {
    what: 'three pages, in one attempt and the next',
    replies: times(3, imgurReplies.htmlPage(500)),
    ...tried(4, 2),
  },
  {
    what: 'a gateway of RapidAPI that knows no such API',
    replies: [imgurReplies.gatewayRefusal(404, 'No')],
    ...tried(2),
  },
  {
    what: 'a gateway of RapidAPI that is away',
    replies: [imgurReplies.gatewayRefusal(503, 'No')],
    ...tried(2),
  },
];

const taken: readonly (readonly [what: string, reply: ImgurReply])[] = [
  ['an http link, which is corrected', imgurReplies.insecureLink()],
  ['a link with another extension', imgurReplies.otherExtension('jpg')],
  ['no deletehash', imgurReplies.noDeleteHash()],
  ['id, link and deletehash alone', imgurReplies.minimal()],
  ['no rate headers', imgurReplies.withoutRateHeaders()],
  ['201', imgurReplies.withStatus(201)],
  ['a status of 403 in the body', { alter: (body) => ({ ...body, status: 403 }) }],
  ['a status of 500 on the way', imgurReplies.withStatus(500)],
  ['a status of 429 on the way', imgurReplies.withStatus(429)],
  ['words of a gateway beside it', { alter: (body) => ({ ...body, message: 'Thanks' }) }],
  ['rate headers that make no sense', imgurReplies.withHeaders({ 'X-RateLimit-UserRemaining': 'many' })],
  ['one byte after the other', imgurReplies.slowReply(0)],
  ['a while to think', imgurReplies.delay(20)],
];

describe.concurrent('an image', () => {
  it.for(failing)(
    'fails for $what: $posts POSTs in $attempts attempts',
    async ({ replies, posts, attempts, code, says, album }, { onTestFinished }) => {
      const scene = (await MoodyScene.open(onTestFinished)).order(...replies);
      const jobId = await scene.submit(1, album === undefined ? {} : { album });
      expect(await scene.finished(jobId)).toEqual([
        { status: 'failed', code, message: says, attempts, possiblyDuplicated: false, link: null },
      ]);
      expect(scene.imgur.requests).toMatchObject({ posts, accepted: 0 });
      expect(scene.pauses).toEqual([]);
    },
  );

  it.for(passing)(
    'gets its link after $what: $posts POSTs in $attempts attempts, and is stored once',
    async ({ replies, posts, attempts }, { onTestFinished }) => {
      const scene = (await MoodyScene.open(onTestFinished)).order(...replies);
      const [upload] = await scene.finished(await scene.submit());
      expect(upload).toMatchObject({ status: 'complete', attempts, possiblyDuplicated: false });
      expect(upload?.link).toBe(scene.imgur.images[0]?.link);
      expect(scene.imgur.requests).toMatchObject({ posts, accepted: 1 });
      expect(scene.pauses).toEqual([]);
    },
  );

  it.for(taken)('is complete with one POST when the reply has %s', async ([, reply], { onTestFinished }) => {
    const scene = (await MoodyScene.open(onTestFinished)).order(reply);
    const [upload] = await scene.finished(await scene.submit());
    expect(upload).toMatchObject({ status: 'complete', attempts: 1, possiblyDuplicated: false });
    expect(upload?.link).toMatch(`https://i.imgur.com/${scene.imgur.images[0]?.id}.`);
    expect(scene.imgur.requests).toMatchObject({ posts: 1, accepted: 1 });
    expect(scene.pauses).toEqual([]);
  });
});
