import type { AnsweredRequest, ImgurReply } from './imgur-reply.ts';
import { oddReplies } from './odd-replies.ts';
import {
  alterData,
  answer,
  exception,
  json,
  nginx,
  page,
  refusal,
  tooManyRequests,
  withData,
} from './reply-parts.ts';

const plainReplies = {
  /** As the stand-in answers by itself. To be put between others. */
  success(): ImgurReply {
    return {};
  },

  // Limits.

  /** 429: the address, or the account, has used up its hour. The minutes are part of the sentence. */
  tooFast(minutes: number = 37): ImgurReply {
    return exception(429, 429, `You are uploading too fast. Please wait ${minutes} more minutes.`);
  },
  /** 429 in the newest shape, which has neither `data` nor `success`: any limit, or an application that was banned. */
  tooManyRequests(): ImgurReply {
    return tooManyRequests();
  },
  /** 429: the application has used up its day. */
  dailyLimit(): ImgurReply {
    return refusal(429, 'Daily client requests exceeded');
  },
  /** 400: an old form of a limit. */
  uploadingTooFast(): ImgurReply {
    return refusal(400, 'Uploading file too fast!');
  },
  /** 403, sometimes 500: a soft limit on an address or a range of them; it passes within about an hour. */
  overCapacity(status: number = 403): ImgurReply {
    return refusal(status, 'Imgur is temporarily over capacity. Please try again later.');
  },

  // Blocks and credentials.

  /** 400 of 78 bytes, from the network in front: the address or its region is blocked. */
  forbiddenActions(): ImgurReply {
    const body = json({ data: { error: 'These actions are forbidden.' }, success: false, status: 400 });
    return { ...answer(400, 'application/json', body), headers: { 'CDN-Error': 'yes' }, edge: true };
  },
  /** 400, code 1016: the country is banned. */
  bannedCountry(country: string = 'EG'): ImgurReply {
    return exception(400, 1016, `Banned country attempt (${country})`);
  },
  /** 400 with 403 inside: the account or the application may not. */
  forbidden(): ImgurReply {
    return exception(400, 403, 'Forbidden');
  },
  /** 403: the access token, or the Client-ID, is not accepted. */
  invalidToken(): ImgurReply {
    return refusal(403, 'The access token provided is invalid.');
  },
  /** 401: there was no Authorization header. */
  authenticationRequired(): ImgurReply {
    return refusal(401, 'Authentication required');
  },
  /** 400, as `POST /oauth2/token` refuses a refresh token. */
  invalidRefreshToken(): ImgurReply {
    return refusal(400, 'Invalid refresh token');
  },

  // The image.

  /** 400 or 415, code 1003: no image, or of a type that is not taken. */
  fileTypeInvalid(status: number = 400): ImgurReply {
    return exception(status, 1003, 'File type invalid (1)');
  },
  /** The same in other words. */
  unsupportedFileType(status: number = 400): ImgurReply {
    return exception(status, 1003, "We don't support that file type!");
  },
  /** 400: too large. */
  overSizeLimit(): ImgurReply {
    return refusal(400, 'File is over the size limit');
  },
  /** 417 with its keys in another order: a GIF that is too large, or trouble inside. */
  expectationFailed(): ImgurReply {
    const body = ({ path, method }: AnsweredRequest): string =>
      json({
        status: 417,
        success: false,
        data: { error: 'Internal expectation failed', request: path, method },
      });
    return answer(417, 'application/json', body);
  },
  /** 400: the form had no image in it. */
  noImage(): ImgurReply {
    return refusal(400, 'No image data was sent to the upload api');
  },

  /** 400: a form that can not be read; the sentence is the stand-in's own and says why. */
  malformed(reason: string = 'it has no closing boundary'): ImgurReply {
    return refusal(400, `The multipart body is malformed: ${reason}`);
  },
  /** 404: nothing there. */
  notFound(error: string = 'Unable to find an image'): ImgurReply {
    return refusal(404, error);
  },
  /** 403: somebody else's image. */
  permissionRequired(): ImgurReply {
    return refusal(403, "You don't have permission to do that.");
  },

  // What passes.

  /** 500: passing, or bytes that are broken. */
  couldNotProcess(): ImgurReply {
    return refusal(500, 'Could not process upload!');
  },
  /** 400, and yet it passes. */
  unableToProcess(): ImgurReply {
    return refusal(400, 'Unable to process upload!');
  },
  /** 400, and yet it passes: a part of Imgur is taking a rest. */
  circuitBreaker(): ImgurReply {
    return refusal(400, 'Upload failed: circuit breaker is open');
  },

  // What is not JSON.

  /** A page of HTML with any status, 200 included. */
  htmlPage(status: number = 502): ImgurReply {
    return page(status, `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`);
  },
  /** 405 of the web server in front. */
  nginx405(): ImgurReply {
    return page(405, nginx('405 Not Allowed'));
  },
  /** 400 of the web server in front. */
  nginx400(): ImgurReply {
    return page(400, nginx('400 Bad Request'));
  },
  /** 429 as a page. */
  tooManyRequestsPage(): ImgurReply {
    return page(429, '<!doctype html><title>Imgur: 429</title><h1>Too many requests</h1>');
  },
  /** "Over capacity" as a page. */
  overCapacityPage(status: number = 503): ImgurReply {
    return page(
      status,
      '<!doctype html><title>Imgur is over capacity!</title><h1>Imgur is over capacity!</h1>',
    );
  },
  /** 503 of the cache in front, with `Retry-After: 0`, which does not mean "at once". */
  varnish503(): ImgurReply {
    const body =
      '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html><html><head><title>503 client read error</title></head>' +
      '<body><h1>Error 503 client read error</h1><p>client read error</p><p>Varnish cache server</p></body></html>';
    return { ...page(503, body), headers: { 'Retry-After': '0' } };
  },
  /** JSON by its header and broken in the middle. */
  brokenJson(status: number = 200): ImgurReply {
    return answer(status, 'application/json', '{"data":{"id":"');
  },
  /** A status and nothing else. */
  emptyBody(status: number = 200): ImgurReply {
    return answer(status, 'application/json', '');
  },

  // Successes that are none, or not quite. The image is stored.

  /** 200 that says `"success": false`. */
  successFalse(): ImgurReply {
    return { alter: (body) => ({ ...body, success: false }) };
  },
  /** A link to somewhere else. */
  foreignLink(link: string = 'https://imgur.example/abc.jpg'): ImgurReply {
    return alterData({ link });
  },
  /** A link without TLS. */
  insecureLink(): ImgurReply {
    return { alter: (body) => withData(body, { link: body.data.link.replace('https:', 'http:') }) };
  },
  /** A link that is there and empty, as while a video is being processed. */
  emptyLink(): ImgurReply {
    return alterData({ link: '' });
  },
  /** No link at all. */
  noLink(): ImgurReply {
    return alterData({ link: undefined });
  },
  /** No deletehash. */
  noDeleteHash(): ImgurReply {
    return alterData({ deletehash: undefined });
  },
  /** Only what a reader may rely on: id, link and deletehash. */
  minimal(): ImgurReply {
    return {
      alter: ({ data: { id, link, deletehash }, ...rest }) => ({ ...rest, data: { id, link, deletehash } }),
    };
  },
  /** A link with another extension than the image had: large PNGs come back as JPEG. */
  otherExtension(extension: string = 'jpg'): ImgurReply {
    return { alter: (body) => withData(body, { link: body.data.link.replace(/\w+$/, extension) }) };
  },
  /** An animation that is still being processed. */
  processing(): ImgurReply {
    return alterData({ animated: true, processing: { status: 'pending' }, mp4: '', gifv: '', hls: '' });
  },
  /** Does not tell of the limits, whatever it tells else. */
  withoutRateHeaders(reply: ImgurReply = {}): ImgurReply {
    return { ...reply, rateHeaders: false };
  },

  // Behaviours.

  /** Answers only after so many milliseconds. */
  delay(ms: number, reply: ImgurReply = {}): ImgurReply {
    return { ...reply, delayMs: ms };
  },
  /** Resets the connection before it reads the body. Nothing is stored. */
  resetBeforeBody(): ImgurReply {
    return { manner: { type: 'reset-before-body' }, edge: true };
  },
  /** Takes the image, then resets the connection: the reply is lost. */
  resetAfterBody(): ImgurReply {
    return { manner: { type: 'reset-after-body' } };
  },
  /** Takes the image and never answers. */
  neverReply(): ImgurReply {
    return { manner: { type: 'never' } };
  },
  /**
   * Never reads the body and never answers. Nothing is stored. That a sender gave up is noticed only where its whole
   * body fits the buffers of the connection; else the upload is under way until the stand-in closes.
   */
  stallReading(): ImgurReply {
    return { manner: { type: 'stall' } };
  },
  /** Sends its answer one byte at a time, each after so many milliseconds. */
  slowReply(everyMs: number, reply: ImgurReply = {}): ImgurReply {
    return { ...reply, manner: { type: 'slow', everyMs } };
  },
  /** Takes the image and ends the connection in the middle of the answer. */
  truncatedReply(reply: ImgurReply = {}): ImgurReply {
    return { ...reply, manner: { type: 'truncated' } };
  },

  // Modifiers.

  /** Another HTTP status than the body says. */
  withStatus(status: number, reply: ImgurReply = {}): ImgurReply {
    return { ...reply, status };
  },
  /** More headers, or others: for example `X-RateLimit-UserRemaining: 0` with a 429. */
  withHeaders(headers: Readonly<Record<string, string>>, reply: ImgurReply = {}): ImgurReply {
    return { ...reply, headers: { ...reply.headers, ...headers } };
  },
};

/** Every way in which Imgur, and the network in front of it, is known to answer a POST. */
export const imgurReplies: typeof plainReplies & typeof oddReplies = { ...plainReplies, ...oddReplies };
