import { describe, expect, it } from 'vitest';

import { type ImgurReply, imgurReplies } from '@imgferry/core/testing';
import { MoodyScene, type SceneOptions } from './moody-scene.ts';

// The image has left and nobody knows what became of it. Imgur knows no idempotency key, so a further POST may make it
// there twice: it is sent seldom, and marked.

interface Row {
  readonly what: string;
  readonly reply: ImgurReply;
  readonly code: string;
  readonly says: RegExp;
  /** The stand-in has kept the image of the first POST. */
  readonly kept: boolean;
  readonly host?: SceneOptions['host'];
}

const lost = { code: 'host_reply_lost', says: /^Imgur was sent the image and /, kept: true };
const bad = (problem: string, kept = true) => ({
  code: 'host_bad_reply',
  says: new RegExp(`^Imgur .*${problem}`),
  kept,
});
const noLink = bad('without a link to an image of its own');
const stored = (reply: ImgurReply): ImgurReply => ({ ...reply, stored: true });

const rows: readonly Row[] = [
  { what: 'a reset after the body', reply: imgurReplies.resetAfterBody(), ...lost },
  {
    what: 'a reset before the body, of which it is told after',
    reply: imgurReplies.resetBeforeBody(),
    ...lost,
    kept: false,
  },
  { what: 'no reply at all', reply: imgurReplies.neverReply(), ...lost, host: { headersTimeoutMs: 1_000 } },
  {
    what: 'a reply that does not come to its end',
    reply: imgurReplies.slowReply(60_000),
    ...lost,
    host: { idleTimeoutMs: 1_000 },
  },
  { what: 'a reply that is cut off', reply: imgurReplies.truncatedReply(), ...lost },
  {
    what: '200 that says success: false',
    reply: imgurReplies.successFalse(),
    ...bad('gave an answer that makes no sense: it answered 200'),
  },
  { what: 'a link to another host', reply: imgurReplies.foreignLink(), ...noLink },
  {
    what: 'a link with another port',
    reply: imgurReplies.foreignLink('https://i.imgur.com:8443/a.jpg'),
    ...noLink,
  },
  {
    what: 'a link with a password',
    reply: imgurReplies.foreignLink('https://me:pw@i.imgur.com/a.jpg'),
    ...noLink,
  },
  {
    what: 'a link that is no web address',
    reply: imgurReplies.foreignLink('javascript:alert(1)'),
    ...noLink,
  },
  {
    what: 'a link to the picture of a removed image',
    reply: imgurReplies.foreignLink('https://i.imgur.com/removed.png'),
    ...noLink,
  },
  { what: 'an empty link', reply: imgurReplies.emptyLink(), ...noLink },
  { what: 'no link', reply: imgurReplies.noLink(), ...noLink },
  { what: 'a page of 200', reply: imgurReplies.htmlPage(200), ...bad('answered 200 without', false) },
  { what: 'a page of XML with 200', reply: imgurReplies.xmlPage(200), ...bad('answered 200 without', false) },
  { what: 'broken JSON', reply: imgurReplies.brokenJson(), ...bad('answered 200 without', false) },
  { what: 'an empty body', reply: imgurReplies.emptyBody(), ...bad('answered 200 without', false) },
  {
    what: 'an empty body with 204',
    reply: imgurReplies.emptyBody(204),
    ...bad('answered 204 without', false),
  },
  {
    what: 'words of a gateway with 200',
    reply: imgurReplies.gatewayRefusal(200, 'Hello'),
    ...bad('makes no sense: Hello', false),
  },
  {
    what: 'a page of 502',
    reply: stored(imgurReplies.htmlPage(502)),
    code: 'host_unavailable',
    says: /it answered 502$/,
    kept: true,
  },
  {
    what: 'a page of 504',
    reply: stored(imgurReplies.htmlPage(504)),
    code: 'host_unavailable',
    says: /it answered 504$/,
    kept: true,
  },
  {
    what: 'the gateway of RapidAPI that had no answer in time',
    reply: stored(imgurReplies.gatewayTimeout()),
    code: 'host_unavailable',
    says: /timed out$/,
    kept: true,
  },
  {
    what: 'success without a link and with 500',
    reply: imgurReplies.withStatus(500, imgurReplies.noLink()),
    code: 'host_unavailable',
    says: /it answered 500$/,
    kept: true,
  },
];

describe.concurrent('an image whose reply is lost or of no use', () => {
  it.for(rows)(
    'by $what is sent again in a later attempt, marked and counted',
    async (row, { onTestFinished }) => {
      const { reply, code, says, kept, host = {} } = row;
      const scene = (await MoodyScene.open(onTestFinished, { host })).order(reply);
      const jobId = await scene.submit();
      const [upload] = await scene.finished(jobId);
      expect(upload).toMatchObject({ status: 'complete', attempts: 2, possiblyDuplicated: true });
      expect(upload?.link).toBe(scene.imgur.images.at(-1)?.link);
      expect(scene.imgur.requests).toMatchObject({ posts: 2, accepted: kept ? 2 : 1 });
      expect(scene.retried).toMatchObject([
        { where: 'queue', failure: { code, message: expect.stringMatching(says) } },
      ]);
      expect(scene.completed).toMatchObject([{ possiblyDuplicated: true }]);
      expect(await scene.uploader.job(jobId)).toMatchObject({ complete: 1, possiblyDuplicated: 1 });
      expect((await scene.store.stats()).totals.possiblyDuplicated).toBe(1);
      expect(scene.pauses).toEqual([]);
    },
  );

  it.for(rows)(
    'by $what every time fails after three POSTs, and keeps the mark',
    async (row, { onTestFinished }) => {
      const { reply, code, says, host = {} } = row;
      const scene = await MoodyScene.open(onTestFinished, { host });
      scene.imgur.always(reply);
      const jobId = await scene.submit();
      expect(await scene.finished(jobId)).toMatchObject([
        {
          status: 'failed',
          code,
          message: expect.stringMatching(says),
          attempts: 3,
          possiblyDuplicated: true,
        },
      ]);
      expect(scene.imgur.requests.posts).toBe(3);
    },
  );

  it('is not marked when it broke in the middle of the body', async ({ onTestFinished }) => {
    const scene = await MoodyScene.open(onTestFinished, { pictureBytes: 15_000_000 });
    scene.order(imgurReplies.resetBeforeBody());
    const [upload] = await scene.finished(await scene.submit());
    expect(upload).toMatchObject({ status: 'complete', attempts: 1, possiblyDuplicated: false });
    expect(scene.imgur.requests).toMatchObject({ posts: 2, accepted: 1 });
  });

  it('gets the link of the image that it has when an upload of a GIF is still processed', async ({
    onTestFinished,
  }) => {
    const scene = await MoodyScene.open(onTestFinished, { pictureType: 'image/gif' });
    scene.order(imgurReplies.emptyLink());
    const [upload] = await scene.finished(await scene.submit());
    expect(upload).toMatchObject({ status: 'complete', attempts: 1, possiblyDuplicated: false });
    expect(upload?.link).toBe(scene.imgur.images[0]?.link);
  });
});
