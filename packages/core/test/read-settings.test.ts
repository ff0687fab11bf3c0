import { describe, expect, it } from 'vitest';

import { createHttpSource } from '../src/http-source/index.ts';
import { createImgurHost, type ImgurHostOptions } from '../src/imgur-host/index.ts';
import { resolveOptions, type UploaderOptions } from '../src/options.ts';
import { readSettings } from '../src/read-settings.ts';
import type { Settings } from '../src/settings.ts';
import { ScriptedStore } from '../src/testing/index.ts';

const source = { open: () => Promise.reject(new Error()) };
const host = {
  name: 'fake',
  limits: { maxBytes: { 'image/png': 1_000 } },
  upload: () => Promise.reject(new Error()),
};

function settings(parts: Partial<UploaderOptions> = {}): Settings {
  return readSettings(resolveOptions({ store: new ScriptedStore(), source, host, ...parts }), 4);
}

/** What a part of somebody else's says of itself. */
function told(settingsOfSource: unknown): Settings {
  const part = { ...source, settings: settingsOfSource as Settings };
  const all = Object.entries(settings({ source: part }));
  return Object.fromEntries(all.filter(([name]) => name.startsWith('source.')));
}

describe('settings', () => {
  it('have every number that an uploader has, as it is resolved', () => {
    const resolved = resolveOptions({ store: new ScriptedStore(), source, host, leaseMs: 900 });
    const numbers = Object.entries(resolved).filter(([, value]) => typeof value === 'number');
    expect(readSettings(resolved, 4)).toMatchObject({ ...Object.fromEntries(numbers), concurrency: 4 });
  });

  it('have what it is made of, and no name of a worker', () => {
    expect(settings({ workerId: 'canary' })).toMatchObject({ transform: false, host: host.name });
    const transform = { maxBytes: { 'image/bmp': 5 }, transform: () => Promise.reject(new Error()) };
    expect(settings({ transform })).toMatchObject({ transform: true });
    expect(JSON.stringify(settings({ workerId: 'canary' }))).not.toContain('canary');
  });

  it('have what the source, the host and the store tell of themselves', () => {
    const parts = {
      source: { ...source, settings: { totalTimeoutMs: 5 } },
      host: { ...host, name: 'mine', settings: { account: true } },
      store: new ScriptedStore({ settings: { namespace: 'ours' } }),
    };
    expect(settings(parts)).toMatchObject({
      'source.totalTimeoutMs': 5,
      'host.account': true,
      'store.namespace': 'ours',
    });
  });

  it('leave out what is no setting', () => {
    const odd = { a: null, b: {}, c: [1], d: Number.NaN, e: 1n, f: () => 1, g: undefined, h: Infinity };
    expect(told({ ...odd, ok: 0, no: false, text: '' })).toEqual({
      'source.ok': 0,
      'source.no': false,
      'source.text': '',
    });
  });

  it('are not lost with a part that tells nonsense, or throws', () => {
    const throwing = {
      get here(): never {
        throw new Error('not here');
      },
    };
    for (const nonsense of [null, 5, true, throwing]) expect(told(nonsense)).toEqual({});
    const part = Object.defineProperty({ ...source }, 'settings', {
      get: () => {
        throw new Error('none');
      },
    });
    expect(settings({ source: part })).toMatchObject({ maxAttempts: 3 });
  });

  it('are short: at most 100 of a part, and no text over 200 characters', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`a${at}`, at]));
    expect(Object.keys(told(many))).toHaveLength(100);
    const [[name = '', value = ''] = []] = Object.entries(
      told({ ['n'.repeat(500)]: 'x\u202ey'.repeat(500) }),
    );
    expect(name).toHaveLength('source.'.length + 60);
    expect(value).toHaveLength(200);
    expect(value).not.toContain('\u202e');
  });

  it('show no secret of a careless part', () => {
    const careless = {
      apiKey: 'canary-1',
      url: 'redis://user:canary-2@cache/0',
      query: 'https://a/?k=canary-3',
    };
    expect(JSON.stringify(told(careless))).not.toContain('canary');
    expect(Object.keys(told(careless))).toHaveLength(3);
  });

  it('of the HTTP source are its limits, and of what is inside only how many', async () => {
    const http = createHttpSource({
      allow: ['10.1.2.0/24', '192.168.7.7'],
      denyHosts: ['canary.internal'],
      ports: [443, 8443],
      userAgent: 'canary',
    });
    expect(http.settings).toMatchObject({
      allow: 2,
      denyHosts: 1,
      certificates: 0,
      ports: '443, 8443',
      totalTimeoutMs: 120_000,
      connectionsPerHost: 6,
    });
    expect(JSON.stringify(http.settings)).not.toMatch(/10\.1|192\.168|canary/);
    await http.close();
  });

  it('of Imgur are how it is reached, and no id, secret, account or address', async () => {
    const account = { accessToken: 'canary-token', account: 'canary-account', egress: 'canary-egress' };
    const ways: readonly [Partial<ImgurHostOptions>, Settings][] = [
      [{}, { apiUrl: 'https://api.imgur.com', route: 'imgur', account: false }],
      [account, { apiUrl: 'https://api.imgur.com', route: 'imgur', account: true }],
      [{ apiUrl: 'http://127.0.0.1:81/canary' }, { apiUrl: 'custom', route: 'imgur' }],
      [{ rapidApiKey: 'canary-key' }, { apiUrl: 'https://imgur-apiv3.p.rapidapi.com', route: 'rapidapi' }],
    ];
    for (const [options, expected] of ways) {
      const imgur = createImgurHost({ clientId: 'canary-id', ...options });
      expect(imgur.settings).toMatchObject({ connections: 32, idleTimeoutMs: 30_000, ...expected });
      expect(JSON.stringify(imgur.settings)).not.toMatch(/canary|127\.0/);
      await imgur.close();
    }
  });
});
