import { describe, expect, it } from 'vitest';

import { imgurBuckets } from '../../src/imgur-host/imgur-buckets.ts';
import { readRateHeaders } from '../../src/imgur-host/rate-headers.ts';
import { buckets, nowMs } from './reply-context.ts';

const read = (headers: Record<string, string | string[]>) => readRateHeaders(headers, buckets, nowMs);
const hourMs = 3_600_000;

describe('rate headers', () => {
  it('are counted in uploads: ten credits each, one POST each', () => {
    expect(
      read({
        'x-ratelimit-clientlimit': '12500',
        'x-ratelimit-clientremaining': '12489',
        'x-ratelimit-userlimit': '500',
        'x-ratelimit-userremaining': '479',
        'x-ratelimit-userreset': '1800',
        'x-post-rate-limit-limit': '1250',
        'x-post-rate-limit-remaining': '1249',
        'x-post-rate-limit-reset': '3600',
      }),
    ).toEqual([
      { bucket: buckets.client, remaining: 1248, limit: 1250, resetInMs: 4 * hourMs },
      { bucket: buckets.user, remaining: 47, limit: 50, resetInMs: 1_800_000 },
      { bucket: buckets.post, remaining: 1249, limit: 1250, resetInMs: hourMs },
    ]);
  });

  it('do not mention a bucket whose count is missing', () => {
    expect(read({ 'x-ratelimit-userlimit': '500', 'x-ratelimit-userreset': '3600' })).toEqual([]);
  });

  it.each(['', 'many', '1.5', '0x10', '1e3', 'NaN', '99999999999999', '12, 13'])(
    'are ignored when the count is %j',
    (value) => {
      expect(read({ 'x-ratelimit-userremaining': value })).toEqual([]);
    },
  );

  it('take a count below zero as empty', () => {
    expect(read({ 'x-ratelimit-userremaining': '-20' })).toMatchObject([{ remaining: 0 }]);
  });

  it('allow nothing when less than one upload is left', () => {
    expect(read({ 'x-ratelimit-userremaining': '9' })).toMatchObject([{ remaining: 0 }]);
  });

  it('count the first of a header that is sent twice', () => {
    expect(read({ 'x-ratelimit-userremaining': ['40', '30'] })).toMatchObject([{ remaining: 4 }]);
  });

  it.each([
    ['3600', hourMs, 'seconds from now'],
    ['9999999', hourMs, 'seconds from now, at most the window'],
    [String(nowMs / 1_000 + 90), 90_000, 'an epoch'],
    [String(nowMs / 1_000 - 90), 1_000, 'an epoch that has passed, at least a second'],
    ['0', 1_000, 'now, at least a second'],
    ['soon', hourMs, 'nonsense, the usual window'],
    ['-5', hourMs, 'below zero, the usual window'],
  ])('read a reset of %s as %i ms: %s', (reset, resetInMs) => {
    expect(read({ 'x-ratelimit-userremaining': '0', 'x-ratelimit-userreset': reset })).toMatchObject([
      { resetInMs },
    ]);
  });
});

describe('the rate headers of the day', () => {
  it.each([
    ['7200', 2 * hourMs, 'seconds from now'],
    ['9999999', 24 * hourMs, 'at most a day'],
    ['0', 4 * hourMs, 'an empty bucket that claims to be full: the next day'],
    [String(nowMs / 1_000 - 90), 4 * hourMs, 'the same as an epoch'],
    ['soon', 4 * hourMs, 'nonsense: the next day'],
  ])('read a reset of %s as %i ms: %s', (reset, resetInMs) => {
    expect(read({ 'x-ratelimit-clientremaining': '0', 'x-ratelimit-clientreset': reset })).toMatchObject([
      { resetInMs },
    ]);
  });
});

describe('the names of buckets', () => {
  const identity = {
    name: 'imgur',
    clientId: '546c25a59c58ad7',
    account: undefined,
    egress: 'default',
    rapidApi: false,
  };

  it('say whom Imgur counts, and never the Client-ID itself', () => {
    expect(imgurBuckets(identity).scope.map((bucket) => bucket.replace(/[0-9a-f]{8}/, 'HASH'))).toEqual([
      'imgur:client:HASH',
      'imgur:user:HASH:default',
      'imgur:post:default',
      'imgur:gate:HASH:default',
    ]);
    expect(imgurBuckets(identity).scope.join()).not.toContain(identity.clientId);
  });

  it('keep addresses apart where Imgur does', () => {
    const other = imgurBuckets({ ...identity, egress: 'office' });
    expect(other.client).toBe(imgurBuckets(identity).client);
    expect(other.user).not.toBe(imgurBuckets(identity).user);
    expect(other.post).toBe('imgur:post:office');
  });

  it('keep the pauses of two accounts apart, and not their application', () => {
    const [one, two] = ['one', 'two'].map((account) => imgurBuckets({ ...identity, account }));
    expect(one?.gate).not.toBe(two?.gate);
    expect(one?.client).toBe(two?.client);
  });

  it('leave out the POST bucket with RapidAPI, which counts applications on its own', () => {
    const commercial = imgurBuckets({ ...identity, rapidApi: true });
    expect(commercial.post).toBeUndefined();
    expect(commercial.scope).toHaveLength(3);
    expect(commercial.client).not.toBe(imgurBuckets(identity).client);
    expect(readRateHeaders({ 'x-post-rate-limit-remaining': '0' }, commercial, nowMs)).toEqual([]);
  });
});
