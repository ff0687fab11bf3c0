import { imgurBuckets } from '../../src/imgur-host/imgur-buckets.ts';
import type { Reply, ReplyContext } from '../../src/imgur-host/reply.ts';

export const buckets = imgurBuckets({
  name: 'imgur',
  clientId: '546c25a59c58ad7',
  account: undefined,
  egress: 'default',
  rapidApi: false,
});

/** Eight o'clock in the evening: four hours to the next day of UTC. */
export const nowMs: number = Date.UTC(2026, 10, 23, 20, 0, 0);

export const context: ReplyContext = {
  buckets,
  nowMs,
  overloadMs: 60_000,
  limitMs: 1_000,
  job: {},
  redact: (text) => text,
  hasSecret: () => false,
};

export function aReply(status: number, body: unknown, headers: Reply['headers'] = {}): Reply {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, text, early: false, starved: false };
}

/** `{"data":{"error":"…"}}` */
export function shape1(status: number, error: string): unknown {
  return { data: { error, request: '/3/image', method: 'POST' }, success: false, status };
}

/** `{"data":{"error":{"code":1003,…}}}` */
export function shape2(status: number, code: number, message: string): unknown {
  const error = { code, message, type: 'ImgurException', exception: [] };
  return { data: { error, request: '/3/image', method: 'POST' }, success: false, status };
}

/** `{"errors":[…]}`, with a code that is a text. */
export function shape3(status: string, detail: string): unknown {
  return { errors: [{ id: 'legacy-api-5f', code: status, status: detail, detail }] };
}

/** What Imgur answers to an image that it took. */
export function stored(data: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    data: {
      id: 'gAGub9k',
      deletehash: 'aBcDeFgHiJkLmNo',
      link: 'https://i.imgur.com/gAGub9k.jpg',
      type: 'image/jpeg',
      width: 640,
      height: 480,
      ...data,
    },
    success: true,
    status: 200,
  };
}
