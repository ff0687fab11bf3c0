import { describe, expect, it } from 'vitest';

import { type ImgurReply, imgurReplies } from '@imgferry/core/testing';
import { MoodyScene, type SceneOptions } from './moody-scene.ts';

// A reply that is about everybody: the host pauses, says for how long and why, and no upload fails or counts an attempt.
// When the time is over one upload goes first, and if it is taken the rest follows.

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Of what has no limit to wait for. */
const longestMs = 59 * minuteMs;
const twelveHoursMs = 12 * hourMs;
const dayMs = 24 * hourMs;

interface Row {
  readonly what: string;
  readonly reply: ImgurReply;
  readonly forMs: number;
  readonly reason: string;
  readonly code: string;
  readonly says: string | RegExp;
  readonly options?: SceneOptions;
}

const limited = {
  reason: 'rate-limited',
  code: 'host_rate_limited',
  says: /^Imgur allows no more uploads for now: /,
};
const overloaded = {
  reason: 'overloaded',
  code: 'host_overloaded',
  says: /^Imgur is over capacity: /,
  forMs: minuteMs,
};
const blocked = { reason: 'blocked', code: 'host_blocked', says: /^Imgur refuses everything from here: / };
const credentials = {
  reason: 'credentials',
  code: 'host_credentials',
  says: /^Imgur does not accept the credentials: /,
  forMs: 5 * minuteMs,
};
const rapidApi: SceneOptions = { host: { rapidApiKey: 'a-key' } };
const saysMinutes = (minutes: number) => imgurReplies.tooFast(minutes);
const fasterIn = (value: string) => imgurReplies.retryAfter(value, imgurReplies.tooManyRequests());
const busyFor = (value: string) => imgurReplies.retryAfter(value, imgurReplies.htmlPage(503));
const capacityFor = (value: string) => imgurReplies.retryAfter(value, imgurReplies.overCapacity(503));
const unavailable = {
  reason: 'unavailable',
  code: 'host_unavailable',
  says: 'Imgur is not available: it answered 503',
};

const rows: readonly Row[] = [
  { what: '37 minutes to wait', reply: saysMinutes(37), ...limited, forMs: 37 * minuteMs },
  { what: 'one minute to wait', reply: saysMinutes(1), ...limited, forMs: minuteMs },
  { what: '0 minutes to wait', reply: saysMinutes(0), ...limited, forMs: minuteMs },
  {
    what: 'an absurd number of minutes to wait',
    reply: saysMinutes(99_999_999),
    ...limited,
    forMs: hourMs + 5 * minuteMs,
  },
  {
    what: '37 minutes to wait, with 200',
    reply: imgurReplies.withStatus(200, saysMinutes(37)),
    ...limited,
    forMs: 37 * minuteMs,
  },
  {
    what: '37 minutes to wait, without rate headers',
    reply: imgurReplies.withoutRateHeaders(saysMinutes(37)),
    ...limited,
    forMs: 37 * minuteMs,
  },
  { what: '429 in the newest shape', reply: imgurReplies.tooManyRequests(), ...limited, forMs: hourMs },
  { what: 'a page of 429', reply: imgurReplies.tooManyRequestsPage(), ...limited, forMs: hourMs },
  {
    what: '429 in the body of 200',
    reply: imgurReplies.contradiction(200, 429, 0),
    ...limited,
    forMs: hourMs,
  },
  {
    what: '429 as a code inside of 400',
    reply: imgurReplies.contradiction(400, 400, 429),
    ...limited,
    forMs: hourMs,
  },
  { what: 'an old form of a limit', reply: imgurReplies.uploadingTooFast(), ...limited, forMs: 5 * minuteMs },
  { what: 'the daily limit', reply: imgurReplies.dailyLimit(), ...limited, forMs: twelveHoursMs },
  { what: '429 with Retry-After: 0', reply: fasterIn('0'), ...limited, forMs: hourMs },
  { what: '429 with Retry-After: 120', reply: fasterIn('120'), ...limited, forMs: 2 * minuteMs },
  {
    what: '429 with Retry-After as a date',
    reply: fasterIn('Mon, 23 Nov 2026 12:10:00 GMT'),
    ...limited,
    forMs: 10 * minuteMs,
  },
  { what: '429 with a huge Retry-After', reply: fasterIn('99999999999'), ...limited, forMs: dayMs },
  {
    what: '429 with a Retry-After that nobody can read',
    reply: fasterIn('-5 or so'),
    ...limited,
    forMs: hourMs,
  },
  { what: 'over capacity, 403', reply: imgurReplies.overCapacity(), ...overloaded },
  { what: 'over capacity, 500', reply: imgurReplies.overCapacity(500), ...overloaded },
  {
    what: 'over capacity, 200',
    reply: imgurReplies.withStatus(200, imgurReplies.overCapacity()),
    ...overloaded,
  },
  { what: 'a page of over capacity, 503', reply: imgurReplies.overCapacityPage(), ...overloaded },
  { what: 'a page of over capacity, 200', reply: imgurReplies.overCapacityPage(200), ...overloaded },
  {
    what: 'over capacity with Retry-After: 900',
    reply: capacityFor('900'),
    ...overloaded,
    forMs: 15 * minuteMs,
  },
  {
    what: 'over capacity with a huge Retry-After',
    reply: capacityFor('9999999'),
    ...overloaded,
    forMs: longestMs,
  },
  { what: '503 with Retry-After: 120', reply: busyFor('120'), ...unavailable, forMs: 2 * minuteMs },
  { what: '503 with a huge Retry-After', reply: busyFor('9999999'), ...unavailable, forMs: longestMs },
  { what: 'forbidden actions', reply: imgurReplies.forbiddenActions(), ...blocked, forMs: longestMs },
  { what: 'a banned country', reply: imgurReplies.bannedCountry(), ...blocked, forMs: longestMs },
  { what: '403 as a code inside of 400', reply: imgurReplies.forbidden(), ...blocked, forMs: longestMs },
  {
    what: '403 as a code inside of 200',
    reply: imgurReplies.contradiction(200, 200, 403),
    ...blocked,
    forMs: longestMs,
  },
  { what: 'legal reasons', reply: imgurReplies.legallyBlocked(), ...blocked, forMs: longestMs },
  {
    what: '403 without a word of why',
    reply: imgurReplies.permissionRequired(),
    ...blocked,
    forMs: minuteMs,
  },
  { what: 'a page of 403', reply: imgurReplies.htmlPage(403), ...blocked, forMs: minuteMs },
  { what: 'a token that is refused', reply: imgurReplies.invalidToken(), ...credentials },
  {
    what: 'a token that is refused, with a code that says forbidden',
    reply: imgurReplies.contradiction(403, 403, 403, 'The access token provided is invalid.'),
    ...credentials,
  },
  {
    what: 'a token that is refused, with 200',
    reply: imgurReplies.withStatus(200, imgurReplies.invalidToken()),
    ...credentials,
  },
  { what: 'no credentials', reply: imgurReplies.authenticationRequired(), ...credentials },
  { what: 'a page of 401', reply: imgurReplies.htmlPage(401), ...credentials },
  {
    what: 'a key that RapidAPI does not know',
    reply: imgurReplies.gatewayRefusal(401, 'Invalid API key.'),
    ...credentials,
    says: 'Imgur does not accept the credentials: Invalid API key.',
    options: rapidApi,
  },
  {
    what: 'a subscription that RapidAPI misses',
    reply: imgurReplies.gatewayRefusal(403, 'You are not subscribed to this API.'),
    ...credentials,
    options: rapidApi,
  },
  {
    what: 'the quota of RapidAPI',
    reply: imgurReplies.gatewayRefusal(429, 'You have exceeded the DAILY quota'),
    ...limited,
    forMs: hourMs,
    options: rapidApi,
  },
];

describe.concurrent('the host', () => {
  it.for(rows)(
    'pauses for $what: $reason for $forMs ms; then one upload goes first, and the rest follows',
    async ({ reply, forMs, reason, code, says, options = {} }, { onTestFinished }) => {
      const scene = (await MoodyScene.open(onTestFinished, options)).order(reply);
      const jobId = await scene.submit(4);
      const waiting = await scene.paused(jobId);
      expect(scene.pauses).toEqual([{ host: 'imgur', reason, forMs }]);
      expect(await scene.told()).toEqual({ reason, forMs });
      expect(waiting.every(({ status, attempts }) => status === 'waiting' && attempts === 0)).toBe(true);
      expect(waiting.filter((upload) => upload.code !== undefined)).toEqual([
        {
          status: 'waiting',
          attempts: 0,
          link: null,
          possiblyDuplicated: false,
          code,
          message: expect.stringMatching(says),
        },
      ]);
      expect(scene.imgur.requests).toMatchObject({ posts: 1, accepted: 0 });

      scene.elapse(forMs - 1);
      expect(await scene.told()).toEqual({ reason, forMs: 1 });
      const probe = scene.imgur.hold();
      scene.elapse(1);
      await probe.waitFor(1);
      expect(scene.imgur.requests.posts).toBe(2);
      probe.release();
      expect(await scene.finished(jobId)).toMatchObject(
        waiting.map(() => ({ status: 'complete', attempts: 1, possiblyDuplicated: false })),
      );
      expect(scene.imgur.requests).toMatchObject({ posts: 5, accepted: 4 });
      expect(scene.pauses).toHaveLength(1);
    },
  );
});
