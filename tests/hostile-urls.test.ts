import type { LookupAddress } from 'node:dns';
import { connect } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { InvalidUrlsError } from '@imgferry/core';
import type { HttpSourceOptions, Resolve } from '@imgferry/core/http-source';
import { elsewhere, thisMachine } from './hostile-hosts.ts';
import { type Canary, pictureAddress, setHostileScene, startCanary } from './hostile-scene.ts';

let canary: Canary;
beforeAll(async () => {
  canary = await startCanary();
});
let reachedBefore = 0;
afterEach(() => {
  const reached = canary.reached - reachedBefore;
  reachedBefore = canary.reached;
  expect(reached).toBe(0);
});
afterAll(() => canary.close());

const urlsOf = (hosts: readonly string[]): string[] =>
  hosts.map((host) => `http://${host}:${canary.port}/a.png`);

const all = (urls: readonly string[], code: string): Record<string, string> =>
  Object.fromEntries(urls.map((url) => [url, code]));

/** Answers from a table, and counts how often each name was asked for. */
function zoneOf(zone: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = [];
  const resolve: Resolve = (name, _, callback) => {
    asked.push(name);
    const addresses = zone[name] ?? [];
    callback(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { resolve, asked };
}

const inside = /127\.|\b10\.|169\.254|::1|fd00|nip|inside/;

describe.each(['public', 'opened'] as const)('URLs that lead inside, with a source that is %s', (guard) => {
  const sceneWith = (options: HttpSourceOptions = {}) =>
    setHostileScene(guard, { ports: [80, 443, canary.port], ...options });

  it('fail in every spelling of this machine, and the pictures beside them complete', async () => {
    const { host, ferry } = await sceneWith();
    const urls = urlsOf(thisMachine);
    const { outcomes, told } = await ferry(urls);
    expect(outcomes).toEqual(all(urls, 'blocked_address'));
    expect(told).not.toMatch(inside);
    expect([host.posts, host.uploads.length]).toEqual([2, 2]);
  });

  it('fail for every other network that is not the public web', async () => {
    const { host, ferry } = await sceneWith();
    const urls = [...urlsOf(elsewhere), ...elsewhere.map((host) => `http://${host}/`)];
    const { outcomes, told } = await ferry(urls);
    expect(outcomes).toEqual(all(urls, 'blocked_address'));
    expect(told).not.toMatch(inside);
    expect(host.posts).toBe(2);
  });

  it('fail when a name leads there, though it may have public addresses too', async () => {
    const zone = {
      'private.example': ['127.0.0.1'],
      'six.example': ['::1'],
      'mapped.example': ['::ffff:127.0.0.1'],
      'any.example': ['0.0.0.0'],
      'first.example': ['127.0.0.1', '93.184.216.34'],
      'last.example': ['93.184.216.34', '2606:4700::1', '::1'],
      'thousand.example': [
        ...Array<string>(200).fill('93.184.216.34'),
        '127.0.0.1',
        ...Array<string>(800).fill('1.1.1.1'),
      ],
      '127.0.0.1.nip.example': ['127.0.0.1'],
      'metadata.example': ['169.254.169.254'],
    };
    const { resolve, asked } = zoneOf(zone);
    const { host, ferry } = await sceneWith({ resolve });
    const urls = urlsOf(Object.keys(zone));
    const { outcomes, told } = await ferry(urls);
    expect(outcomes).toEqual(all(urls, 'blocked_address'));
    expect(told).not.toMatch(inside);
    expect(asked.sort()).toEqual(Object.keys(zone).sort());
    expect(host.posts).toBe(2);
  });

  it('fail when a redirect leads there, with every status', async () => {
    const { resolve } = zoneOf({ 'private.example': ['127.0.0.1'] });
    const { host, ferry, redirectTo } = await sceneWith({ resolve });
    const targets = urlsOf([
      ...thisMachine.filter((name) => name.isWellFormed()),
      'private.example',
      '169.254.169.254',
    ]);
    const urls = targets.map((target, at) =>
      redirectTo(new URL(target).href, [301, 302, 303, 307, 308][at % 5]),
    );
    const { outcomes } = await ferry(urls);
    expect(outcomes).toEqual(all(urls, 'blocked_address'));
    expect(host.posts).toBe(2);
  });

  it('fail when the redirect is one of several, or to another port or protocol', async () => {
    const { ferry, redirectTo } = await sceneWith();
    const far = redirectTo(redirectTo(redirectTo(`http://0x7f.1:${canary.port}/`)));
    const port = redirectTo('http://93.184.216.34:6379/');
    const file = redirectTo('file:///etc/passwd');
    const gopher = redirectTo(`gopher://127.0.0.1:${canary.port}/`);
    expect((await ferry([far, port, file, gopher])).outcomes).toEqual({
      [far]: 'blocked_address',
      [port]: 'blocked_address',
      [file]: 'bad_redirect',
      [gopher]: 'bad_redirect',
    });
  });

  it('fail on ports that are not open', async () => {
    const { ferry } = await sceneWith();
    const urls = [0, 1, 22, 25, 6379, 65_535].flatMap((port) => [
      `http://93.184.216.34:${port}/`,
      `http://127.0.0.1:${port}/`,
    ]);
    expect((await ferry(urls)).outcomes).toEqual(all(urls, 'blocked_address'));
  });

  it('fail for names that can not be, and for the own hosts', async () => {
    const { resolve } = zoneOf({
      'alias.example': ['93.184.216.34'],
      'nat64.example': ['64:ff9b::93.184.216.34'],
    });
    const denyHosts = ['api.imgur.com', 'redis.example', 'ferry.example', '93.184.216.34'];
    const { ferry } = await sceneWith({ resolve, denyHosts });
    const denied = [
      'api.imgur.com',
      'redis.example',
      'Ferry.Example.',
      'alias.example',
      'nat64.example',
      '93.184.216.34',
      '0x5db8d822',
      '[64:ff9b::5db8:d822]',
    ];
    const impossible = [
      '.',
      'a..b',
      'a.example..',
      `${'a'.repeat(64)}.example`,
      `${'abcdefg.'.repeat(32)}example`,
    ];
    const urls = [...denied, ...impossible].map((host) => `http://${host}/`);
    expect((await ferry(urls)).outcomes).toEqual({
      ...all(urls.slice(0, denied.length), 'blocked_address'),
      ...all(urls.slice(denied.length), 'invalid_host'),
    });
  });

  it('are judged by the host that the parser reads, whatever stands around it', async () => {
    const { resolve, asked } = zoneOf({ 'private.example': ['127.0.0.1'] });
    const { ferry } = await sceneWith({ resolve });
    const urls = [
      `http://127.0.0.1:${canary.port}#@public.example/`,
      `http://127.0.0.1:${canary.port}\\@public.example/`,
      `http://127.0.0.1:${canary.port}?@public.example/`,
      `http://private.example:${canary.port}\\@93.184.216.34/`,
      `http:\\\\127.0.0.1:${canary.port}\\`,
      `http:127.0.0.1:${canary.port}`,
    ];
    expect((await ferry(urls)).outcomes).toEqual(all(urls, 'blocked_address'));
    expect(asked).toEqual(['private.example']);
  });

  it('leave their slot when nobody answers for their name', async () => {
    const lookups = new Map<string, number>();
    const answers: Record<string, NodeJS.ErrnoException | undefined> = {
      'servfail.example': Object.assign(new Error('queryA ESERVFAIL'), { code: 'ESERVFAIL' }),
      'nxdomain.example': Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }),
    };
    const resolve: Resolve = (name, _, callback) => {
      lookups.set(name, (lookups.get(name) ?? 0) + 1);
      if (name !== 'silent.example') callback(answers[name] ?? null, []);
    };
    const { host, ferry } = await sceneWith({ resolve, lookupTimeoutMs: 20 });
    const hosts = ['silent.example', 'servfail.example', 'nxdomain.example', 'empty.example'];
    const [silent = '', servfail = '', nxdomain = '', empty = ''] = urlsOf(hosts);
    expect((await ferry([silent, servfail, nxdomain, empty])).outcomes).toEqual({
      [silent]: 'source_timeout',
      [servfail]: 'source_unreachable',
      [nxdomain]: 'host_not_found',
      [empty]: 'host_not_found',
    });
    // What may pass is tried three times in each of three attempts, a name without an address twice in all.
    expect(hosts.map((name) => lookups.get(name))).toEqual([9, 9, 2, 2]);
    expect((await ferry([])).outcomes).toEqual({});
    expect(host.uploads).toHaveLength(4);
  });
});

describe('names of the inside', () => {
  const names = ['printer.local', 'files.internal', 'metadata.google.internal', 'nas.home.arpa'];

  it('are not even looked up while nothing inside is allowed', async () => {
    const { resolve, asked } = zoneOf({});
    const { ferry } = await setHostileScene('public', { resolve });
    const urls = [...names, 'a.localhost', 'minio', '_tcp'].map((host) => `http://${host}/`);
    expect((await ferry(urls)).outcomes).toEqual({
      ...all(urls, 'blocked_address'),
      'http://minio/': 'invalid_host',
      'http://_tcp/': 'invalid_host',
    });
    expect(asked).toEqual([]);
  });

  it('are looked up when something is allowed, and then their addresses decide', async () => {
    const zone = Object.fromEntries([...names, 'minio'].map((name) => [name, ['127.0.0.1']]));
    const { resolve, asked } = zoneOf(zone);
    const { ferry } = await setHostileScene('opened', { resolve });
    const urls = urlsOf(Object.keys(zone));
    expect((await ferry(urls)).outcomes).toEqual(all(urls, 'blocked_address'));
    expect(asked.sort()).toEqual(Object.keys(zone).sort());
  });
});

describe('a name that changes its address', () => {
  it('is asked for once per connection, and dialled where that answer leads or not at all', async () => {
    const asked: string[] = [];
    const resolve: Resolve = (name, _, callback) => {
      asked.push(name);
      callback(null, [{ address: asked.length % 2 === 1 ? pictureAddress : '127.0.0.1', family: 4 }]);
    };
    const { ferry, goodUrls } = await setHostileScene('opened', { resolve });
    const { port } = new URL(goodUrls[0] ?? '');
    const once = `http://rebound.example:${port}/1.png`;
    expect((await ferry([once])).outcomes).toEqual({ [once]: 'complete' });
    expect(asked).toEqual(['rebound.example']);
    const again = `http://rebound.example:${canary.port}/1.png`;
    expect((await ferry([again])).outcomes).toEqual({ [again]: 'blocked_address' });
    expect(asked).toHaveLength(2);
  });
});

describe('a submit', () => {
  it.each([
    'file:///etc/passwd',
    'data:image/png;base64,AA==',
    'blob:http://127.0.0.1/1',
    'gopher://127.0.0.1/',
    'ftp://127.0.0.1/',
    'dict://127.0.0.1:11211/',
    'ldap://127.0.0.1/',
    'jar:http://127.0.0.1!/',
    'unix:/run/docker.sock',
    'javascript:alert(1)',
    '//127.0.0.1/',
    '',
    ' ',
    '\0',
    'http://user:pw@127.0.0.1/',
    'http://good@127.0.0.1/',
    'http://127.0.0.1/\r\nhost: b',
    'http://127.0.0.1/\t',
    'http://256.256.256.256/',
    'http://1.2.3.4.5/',
    'http://127.0.0.1:65536/',
    'http://[::1%25lo]/',
  ])('of %j is refused whole', async (url) => {
    const { ferry, host } = await setHostileScene('public');
    const error: unknown = await ferry([url]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidUrlsError);
    expect(String(error)).not.toMatch(/pw|127\./);
    expect(host.posts).toBe(0);
  });
});

describe('the canary', () => {
  it('counts whoever does not look, by every spelling', async () => {
    const control = await startCanary();
    // Whether a resolver knows `localhost.` is up to the machine.
    const spellings = thisMachine.filter((host) => host !== 'localhost.');
    for (const [at, host] of spellings.entries()) {
      expect(await (await fetch(`http://${host}:${control.port}/`)).text()).toBe('inside');
      expect(control.reached, host).toBe(at + 1);
    }
    for (const address of ['127.0.0.1', '127.77.0.1', '::1', '::ffff:127.0.0.1', '0.0.0.0'])
      await new Promise((resolve) =>
        connect(control.port, address).once('data', resolve).once('end', resolve),
      );
    expect(control.reached).toBe(spellings.length + 5);
    await control.close();
  });
});
