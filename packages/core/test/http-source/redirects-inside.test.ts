import { describe, expect, test } from 'vitest';

import type { Resolve } from '../../src/http-source/index.ts';
import { catchDials } from './dials.ts';
import { pngOf } from './images.ts';
import { failureOf, open, serve, sourceOf } from './loopback.ts';

const statuses = [301, 302, 303, 307, 308];

/** What has no business being reached, in the spellings of each class. */
const hosts = {
  'this machine': ['127.0.0.2', '127.9.9.9', '[::1]', 'localhost', 'localhost.', 'a.localhost'],
  'this network': ['0.0.0.0', '0', '[::]'],
  'numbers and short forms': [
    '2130706434',
    '0x7f000002',
    '0177.0.0.2',
    '127.2',
    '0x7f.2',
    '①②⑦.⓪.⓪.②',
    '127。0。0。2',
    '%31%32%37.2',
  ],
  'IPv4 in IPv6': [
    '[::ffff:127.0.0.2]',
    '[::ffff:7f00:2]',
    '[::7f00:2]',
    '[::127.0.0.2]',
    '[::ffff:0:7f00:2]',
    '[64:ff9b::7f00:2]',
    '[64:ff9b:1::a00:1]',
    '[2002:7f00:2::]',
    '[2001:0:7f00:2::]',
    '[0:0:0:0:0:FFFF:127.0.0.2]',
  ],
  'private and reserved networks': [
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '169.254.1.1',
    '198.18.0.1',
    '192.0.0.8',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
  ],
  'networks of IPv6 that are not the public web': [
    '[fc00::1]',
    '[fd12::1]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[100::1]',
    '[100:0:0:1::1]',
    '[5f00::1]',
    '[4000::1]',
  ],
  'metadata of clouds': [
    '169.254.169.254',
    '0xA9FEA9FE',
    '169.254.43518',
    '100.100.100.200',
    '[fd00:ec2::254]',
    '168.63.129.16',
    '192.0.0.192',
    'metadata.google.internal',
    '[::ffff:a9fe:a9fe]',
  ],
} as const;

/** Names that anyone can register, and where they lead. */
const zone: Readonly<Record<string, readonly string[]>> = {
  '127.0.0.2.nip.example': ['127.0.0.2'],
  'metadata.example': ['169.254.169.254'],
  // Looked up because this source may reach an inside address; otherwise the name is refused as it stands.
  'metadata.google.internal': ['169.254.169.254'],
  'mixed.example': ['93.184.216.34', '10.0.0.1'],
  'mapped.example': ['::ffff:127.0.0.2'],
  'six.example': ['fd00::1'],
};

const resolve: Resolve = (hostname, _, callback) =>
  callback(
    null,
    (zone[hostname] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  );

describe.each(statuses)('a redirect with status %i', (status) => {
  /** Redirects `/` to each target in turn, and tells what came of it and what was dialled beside the server. */
  async function follow(targets: readonly string[]) {
    let location = '';
    const server = await serve((_, response) =>
      response.writeHead(status, { location: encodeUtf8(location) }).end(),
    );
    const dialled = await catchDials(server);
    const source = sourceOf({ resolve });
    const codes: Record<string, string> = {};
    for (const target of targets) {
      location = target;
      codes[target] = (await failureOf(open(source, server.url))).code;
    }
    return { codes, inside: dialled.filter(({ port }) => port !== server.port) };
  }

  const allBlocked = (targets: readonly string[]) => ({
    codes: Object.fromEntries(targets.map((target) => [target, 'blocked_address'])),
    inside: [],
  });

  test.each(Object.entries(hosts))('does not lead to %s', async (_, names) => {
    const targets = names.flatMap((host) => [`http://${host}/`, `https://${host}/`, `//${host}/a.png`]);
    expect(await follow(targets)).toEqual(allBlocked(targets));
  });

  test('does not lead to a name whose addresses are inside', async () => {
    const targets = Object.keys(zone).flatMap((name) => [`http://${name}/`, `https://${name}/`]);
    expect(await follow(targets)).toEqual(allBlocked(targets));
  });

  test('does not lead to another port', async () => {
    const ports = [0, 1, 22, 25, 6379, 8080, 65_535];
    const targets = ports.flatMap((port) => [
      `http://93.184.216.34:${port}/`,
      `https://[2606:4700::1]:${port}/`,
    ]);
    expect(await follow(targets)).toEqual(allBlocked(targets));
  });

  test('does not lead to another protocol', async () => {
    const targets = [
      'file:///etc/passwd',
      'ftp://127.0.0.2/',
      'gopher://127.0.0.2/',
      'dict://127.0.0.2/',
      'ldap://127.0.0.2/',
      'unix:/run/docker.sock',
      'javascript:alert(1)',
      'data:image/png;base64,AA==',
      'blob:http://127.0.0.2/1',
    ];
    const { codes, inside } = await follow(targets);
    expect([new Set(Object.values(codes)), inside]).toEqual([new Set(['bad_redirect']), []]);
  });
});

test('a redirect inside is refused at any hop', async () => {
  const server = await serve((request, response) => {
    const hop = Number(request.url?.slice(1));
    response.writeHead(302, { location: hop === 1 ? 'http://[::ffff:10.0.0.1]/' : `/${hop - 1}` }).end();
  });
  const dialled = await catchDials(server);
  for (const hop of [1, 2, 3, 4, 5])
    expect((await failureOf(open(sourceOf(), `${server.url}/${hop}`))).code).toBe('blocked_address');
  expect(dialled.every(({ port }) => port === server.port)).toBe(true);
});

test('a redirect to the public web is followed, and its address is dialled', async () => {
  const server = await serve((_, response) =>
    response.writeHead(302, { location: 'http://0x5db8d822/' }).end(pngOf()),
  );
  const dialled = await catchDials(server);
  expect((await failureOf(open(sourceOf(), server.url))).code).toBe('source_unreachable');
  expect(dialled).toContainEqual({ address: '93.184.216.34', port: 80 });
});

/** Headers go out as Latin-1. */
function encodeUtf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}
