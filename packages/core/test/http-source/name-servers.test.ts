import { describe, expect, test } from 'vitest';

import { catchDials } from './dials.ts';
import { pngOf } from './images.ts';
import { failureOf, nextTurn, open, serve, serveCanary, sourceOf } from './loopback.ts';
import { type NameRecord, serveNames } from './name-server.ts';

const png = pngOf();
const name = 'pictures.example';
const told = ({ code, message, retry }: Awaited<ReturnType<typeof failureOf>>) =>
  `${code}, ${retry}: ${message}`;
const blocked = 'blocked_address, never: the URL leads to an address that is not on the public web';

describe('what a name server says', () => {
  test.each<[string, NameRecord[]]>([
    ['an inside address', [[name, 'A', '127.0.0.2']]],
    ['an inside address of IPv6', [[name, 'AAAA', '0:0:0:0:0:0:0:1']]],
    ['a mapped one', [[name, 'AAAA', '0:0:0:0:0:ffff:7f00:2']]],
    [
      'a public address of IPv4 and an inside one of IPv6',
      [
        [name, 'A', '93.184.216.34'],
        [name, 'AAAA', 'fd00:0:0:0:0:0:0:1'],
      ],
    ],
    [
      'an inside address of IPv4 and a public one of IPv6',
      [
        [name, 'A', '10.0.0.1'],
        [name, 'AAAA', '2606:4700:4700:0:0:0:0:1111'],
      ],
    ],
    [
      'two public addresses and an inside one',
      [
        [name, 'A', '93.184.216.34'],
        [name, 'A', '1.1.1.1'],
        [name, 'A', '169.254.169.254'],
      ],
    ],
    [
      'a chain of aliases that ends inside',
      [
        [name, 'CNAME', 'cdn.example'],
        ['cdn.example', 'CNAME', 'edge.example'],
        ['edge.example', 'A', '127.0.0.2'],
      ],
    ],
    [
      'an alias of a name of this machine',
      [
        [name, 'CNAME', 'localhost'],
        ['localhost', 'A', '127.0.0.1'],
      ],
    ],
    [
      'an address that is spelled in the name',
      [
        [name, 'CNAME', '127.0.0.2.nip.example'],
        ['127.0.0.2.nip.example', 'A', '127.0.0.2'],
      ],
    ],
  ])('is judged, and nothing is dialled: %s', async (_, records) => {
    const dialled = await catchDials();
    const { resolve, questions } = await serveNames(() => records);
    expect(told(await failureOf(open(sourceOf({ allow: [], resolve }), `http://${name}/`)))).toBe(blocked);
    expect([...questions].sort()).toEqual([`A ${name}`, `AAAA ${name}`]);
    expect(dialled).toEqual([]);
  });

  test('leads to where a chain of aliases ends', async () => {
    const server = await serve((_, response) => response.end(png));
    const { resolve, questions } = await serveNames(() => [
      [name, 'CNAME', 'cdn.example'],
      ['cdn.example', 'A', '127.0.0.1'],
    ]);
    expect((await open(sourceOf({ resolve }), `http://${name}:${server.port}/`)).type).toBe('image/png');
    expect(questions).toHaveLength(2);
  });

  test('is asked for once per hop, and what changes in between is judged when it is dialled', async () => {
    const canary = await serveCanary();
    const server = await serve((request, response) => {
      const hop = Number(request.url?.slice(1));
      if (hop === 0) response.end(png);
      else
        response
          .writeHead(302, {
            location: `http://hop-${hop - 1}.example:${server.port}/${hop - 1}`,
            connection: 'close',
          })
          .end();
    });
    const lookups: string[] = [];
    const { resolve } = await serveNames((asked) => {
      lookups.push(asked);
      // A lookup asks for IPv4 and for IPv6. From the second one on the name leads inside.
      const again = lookups.filter((before) => before === asked).length > 2;
      return [[asked, 'A', again ? '127.0.0.2' : '127.0.0.1']];
    });
    const source = sourceOf({ resolve });
    await open(source, `http://hop-3.example:${server.port}/3`);
    const hops = ['hop-3', 'hop-2', 'hop-1', 'hop-0'].flatMap((hop) => [`${hop}.example`, `${hop}.example`]);
    expect(lookups).toEqual(hops);
    await nextTurn();
    expect(told(await failureOf(open(source, `http://hop-3.example:${canary.port}/3`)))).toBe(blocked);
  });

  test.each([
    ['NXDOMAIN', 'host_not_found, once: the host name of the URL has no address (ENOTFOUND)'],
    [
      'SERVFAIL',
      'source_unreachable, soon: the host name of the URL can not be looked up for now (ESERVFAIL)',
    ],
  ] as const)('may be %s', async (said, failure) => {
    const { resolve } = await serveNames(() => said);
    expect(told(await failureOf(open(sourceOf({ resolve }), `http://${name}/`)))).toBe(failure);
  });

  test('may be that there are aliases and no address', async () => {
    const { resolve } = await serveNames(() => [[name, 'CNAME', 'cdn.example']]);
    expect((await failureOf(open(sourceOf({ resolve }), `http://${name}/`))).code).toBe('host_not_found');
  });

  test('may be nothing, which is a passing time-out, and other names are found meanwhile', async () => {
    const server = await serve((_, response) => response.end(png));
    const { resolve } = await serveNames((asked) =>
      asked === name ? 'silence' : [[asked, 'A', '127.0.0.1']],
    );
    const silentUrl = `http://${name}:${server.port}/`;
    expect(told(await failureOf(open(sourceOf({ resolve, lookupTimeoutMs: 200 }), silentUrl)))).toBe(
      'source_timeout, soon: the host name of the URL could not be looked up within 200 ms',
    );
    const source = sourceOf({ resolve, connectionsPerHost: 20 });
    const silent = Array.from({ length: 20 }, () => failureOf(open(source, silentUrl)));
    expect((await open(source, `http://other.example:${server.port}/`)).type).toBe('image/png');
    await source.close();
    for (const { message } of await Promise.all(silent)) expect(message).toBe('the source was closed');
    expect(server.sockets).toHaveLength(1);
  });

  test('may be silence for one family, and the other is used', async () => {
    const server = await serve((_, response) => response.end(png));
    for (const silent of ['A', 'AAAA']) {
      const { resolve } = await serveNames(
        (asked, type) =>
          type === silent
            ? 'silence'
            : [
                [asked, 'A', '127.0.0.1'],
                [asked, 'AAAA', '0:0:0:0:0:ffff:7f00:1'],
              ],
        100,
      );
      const source = sourceOf({ resolve, lookupTimeoutMs: 500 });
      expect((await open(source, `http://${name}:${server.port}/`)).type).toBe('image/png');
    }
  });

  test.each([
    ['NXDOMAIN', 'host_not_found'],
    ['SERVFAIL', 'source_unreachable'],
    ['silence', 'source_timeout'],
  ] as const)('may be %s for one family and no record of the other', async (said, code) => {
    for (const family of ['A', 'AAAA']) {
      const { resolve } = await serveNames((_, type) => (type === family ? said : []), 100);
      expect((await failureOf(open(sourceOf({ resolve }), `http://${name}/`))).code).toBe(code);
    }
  });

  test('may be a thousand addresses, of which few are dialled', async () => {
    const dialled = await catchDials();
    const addresses = Array.from({ length: 1_000 }, (_, at) => `93.184.${at >> 8}.${at & 255}`);
    const { resolve } = await serveNames(() => addresses.map((address) => [name, 'A', address]));
    expect((await failureOf(open(sourceOf({ allow: [], resolve }), `http://${name}/`))).code).toBe(
      'source_unreachable',
    );
    expect(dialled).toHaveLength(8);
    expect(dialled.every(({ address }) => addresses.includes(address))).toBe(true);
  });

  test('may be more addresses than are judged, and those beyond are never dialled', async () => {
    const dialled = await catchDials();
    for (const [place, code] of [
      [255, 'blocked_address'],
      [256, 'source_unreachable'],
    ] as const) {
      const addresses = Array.from({ length: 1_000 }, (_, at) =>
        at === place ? '10.0.0.1' : `93.184.${at >> 8}.${at & 255}`,
      );
      const { resolve } = await serveNames(() => addresses.map((address) => [name, 'A', address]));
      expect((await failureOf(open(sourceOf({ allow: [], resolve }), `http://${name}/`))).code).toBe(code);
    }
    expect(dialled.map(({ address }) => address)).not.toContain('10.0.0.1');
  });
});
