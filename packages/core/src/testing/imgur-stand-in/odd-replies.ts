import type { ImgurReply } from './imgur-reply.ts';
import { answer, exception, json, page, refusal, tooManyRequests } from './reply-parts.ts';

/** The limits by what their headers are called. */
const limitHeaders = {
  client: 'X-RateLimit-Client',
  user: 'X-RateLimit-User',
  post: 'X-Post-Rate-Limit-',
} as const;

/** Answers that are rare, contradict themselves, or come from somebody on the way. Part of `imgurReplies`. */
export const oddReplies = {
  /** An error whose HTTP status, status in the body and code inside are of three minds. */
  contradiction(
    status: number,
    inBody: number,
    code: number,
    message: string = 'Something else',
  ): ImgurReply {
    return { ...exception(inBody, code, message), status };
  },
  /** 403: the album that was asked for is somebody else's. */
  albumRefused(): ImgurReply {
    return refusal(403, 'You must own the album to add images to it');
  },
  /** 451 as a page: not in this country. */
  legallyBlocked(): ImgurReply {
    return page(451, '<!doctype html><title>451</title><h1>Content not available in your region</h1>');
  },
  /** Sends somewhere else, as a captive portal does. */
  redirect(status: number = 302, location: string = 'https://imgur.com/'): ImgurReply {
    return { ...page(status, '<h1>Moved</h1>'), headers: { Location: location } };
  },
  /** A page of XML, as an edge server sends it. */
  xmlPage(status: number = 503): ImgurReply {
    const body = `<?xml version="1.0"?>\n<Error><Code>${status}</Code><Message>Sorry</Message></Error>`;
    return { ...answer(status, 'application/xml', body), edge: true };
  },

  /** Answers so to an image of this size alone, and to all others as usual: for `always`. */
  onlyFor(bytes: number, reply: ImgurReply): ImgurReply {
    return { ...reply, onlyBytes: bytes };
  },

  // RapidAPI.

  /** The gateway of RapidAPI refuses by itself: 401 and 403 are about its key, 429 about its quota. */
  gatewayRefusal(status: number, message: string): ImgurReply {
    return { ...answer(status, 'application/json', json({ message })), edge: true };
  },
  /** 504: the gateway of RapidAPI had no answer in time. What became of the image it does not know. */
  gatewayTimeout(): ImgurReply {
    const body = {
      messages: 'The request to the API has timed out',
      info: 'Your Client (Gateway) → Proxy → API',
    };
    return { ...answer(504, 'application/json', json(body)), edge: true };
  },

  // Limits, with headers that may be of no use.

  /** 429 that names an empty bucket and, if it is given, its reset as it stands in the header. */
  emptyBucket(
    limit: 'client' | 'user' | 'post',
    reset?: string,
    reply: ImgurReply = tooManyRequests(),
  ): ImgurReply {
    const prefix = limitHeaders[limit];
    const headers = {
      [`${prefix}Remaining`]: '0',
      ...(reset !== undefined && { [`${prefix}Reset`]: reset }),
    };
    return { ...reply, rateHeaders: false, headers: { ...reply.headers, ...headers } };
  },
  /** Asks to be left alone, in seconds, by a date, or in a way that nobody can read. */
  retryAfter(value: string, reply: ImgurReply = {}): ImgurReply {
    return { ...reply, headers: { ...reply.headers, 'Retry-After': value } };
  },
};
