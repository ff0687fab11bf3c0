import { describe, expect, it } from 'vitest';

import { type ImgurHostOptions, resolveImgurOptions } from '../../src/imgur-host/imgur-host-options.ts';

const clientId = '546c25a59c58ad7';
const credentials = { load: async () => ({ accessToken: 'a' }), save: async () => {} };
const resolve = (options: Partial<ImgurHostOptions> = {}) => resolveImgurOptions({ clientId, ...options });

describe('the options of the Imgur host', () => {
  it('have the defaults that are documented', () => {
    expect(resolve()).toMatchObject({
      api: { origin: 'https://api.imgur.com', path: '' },
      oauth: { origin: 'https://api.imgur.com', path: '' },
      egress: 'default',
      name: 'imgur',
      connections: 32,
      connectTimeoutMs: 10_000,
      headersTimeoutMs: 60_000,
      idleTimeoutMs: 30_000,
      tokens: undefined,
      account: undefined,
    });
  });

  it('take 20 MiB of a still image, 200 MiB of a GIF or video, and no other type', () => {
    const { maxBytes } = resolve().limits;
    expect(maxBytes).toMatchObject({
      'image/png': 20_971_520,
      'image/gif': 209_715_200,
      'video/mp4': 209_715_200,
    });
    expect(Object.keys(maxBytes)).toHaveLength(13);
    expect(maxBytes).not.toHaveProperty('image/webp');
    expect(resolve({ maxBytes: { 'image/png': 5 } }).limits.maxBytes).toMatchObject({
      'image/png': 5,
      'image/jpeg': 20_971_520,
    });
  });

  it('send images by RapidAPI, and refreshes to Imgur itself', () => {
    expect(resolve({ rapidApiKey: 'key' })).toMatchObject({
      api: { origin: 'https://imgur-apiv3.p.rapidapi.com' },
      oauth: { origin: 'https://api.imgur.com' },
    });
    expect(resolve({ apiUrl: 'https://mirror.example/imgur/' })).toMatchObject({
      api: { origin: 'https://mirror.example', path: '/imgur' },
      oauth: { origin: 'https://mirror.example', path: '/imgur' },
    });
  });

  it.each(['http://127.0.0.1:8090', 'http://127.1.2.3', 'http://[::1]:8090', 'http://localhost:8090'])(
    'take plain http on this machine: %s',
    (apiUrl) => {
      expect(resolve({ apiUrl }).api.origin).toBe(apiUrl);
    },
  );

  it('take plain http to another machine only when it is asked for', () => {
    expect(resolve({ apiUrl: 'http://stand-in:8090', allowInsecureApiUrl: true }).api.origin).toBe(
      'http://stand-in:8090',
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ['clientId', { clientId: undefined }],
    ['clientId', { clientId: '' }],
    ['clientId', { clientId: 'a b' }],
    ['clientId', { clientId: 'ä' }],
    ['clientSecret', { clientSecret: 'secret' }],
    ['refreshToken', { refreshToken: 'token' }],
    ['refreshToken', { refreshToken: 'token', accessToken: 'token' }],
    ['credentials', { credentials }],
    ['credentials', { credentials, clientSecret: 'secret', accessToken: 'token' }],
    ['credentials', { credentials: {}, clientSecret: 'secret' }],
    ['credentials', { credentials: { ...credentials, lock: true }, clientSecret: 'secret' }],
    ['account', { account: 'me' }],
    ['account', { account: 'a/b', accessToken: 'token' }],
    ['rapidApiKey', { rapidApiKey: 'a\nb' }],
    ['apiUrl', { apiUrl: 'http://stand-in:8090' }],
    ['apiUrl', { apiUrl: 'http://127.0.0.1.example.com' }],
    ['apiUrl', { apiUrl: 'ftp://127.0.0.1' }],
    ['apiUrl', { apiUrl: 'api.imgur.com' }],
    ['apiUrl', { apiUrl: 'https://api.imgur.com/?a=b' }],
    ['oauthUrl', { oauthUrl: 'http://stand-in:8090' }],
    ['egress', { egress: '' }],
    ['name', { name: 'im:gur' }],
    ['connections', { connections: 0 }],
    ['connectTimeoutMs', { connectTimeoutMs: 1.5 }],
    ['headersTimeoutMs', { headersTimeoutMs: Number.NaN }],
    ['idleTimeoutMs', { idleTimeoutMs: -1 }],
    ['maxBytes', { maxBytes: { 'image/webp': 5 } }],
    ['now', { now: 5 as unknown as () => number }],
    ['clientID', { clientID: 'id' }],
    ['maxBytes of image/png', { maxBytes: { 'image/png': 0 } }],
  ])('are refused for %s: %j', (option, options) => {
    expect(() => resolve(options)).toThrow(expect.objectContaining({ name: 'InvalidOptionError', option }));
  });
});
