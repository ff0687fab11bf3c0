import { inspect } from 'node:util';

import { describe, expect, test } from 'vitest';

import { resolveHttpSourceOptions } from '../../src/http-source/http-source-options.ts';
import type { Resolve } from '../../src/http-source/index.ts';
import type { TransferError } from '../../src/transfer-error.ts';
import { catchDials } from './dials.ts';
import { pngOf } from './images.ts';
import { failureOf, open, serve, serveCanary, sourceOf } from './loopback.ts';

/** Whether an address is dialled with all of these allowed, as it would be without `denyHosts`. */
function dials(address: string, denyHosts: string[]): boolean {
  const allow = ['127.0.0.0/8', '64:ff9b:1::/48', '::/96', '::ffff:0:0:0/96', '2001::/32', '2002::/16'];
  expect(resolveHttpSourceOptions({ allow }).addresses.mayDial(address, 80)).toBe(true);
  return resolveHttpSourceOptions({ allow, denyHosts }).addresses.mayDial(address, 80);
}

describe('a denied address', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['127.0.0.0/8', '127.9.9.9'],
    ['[2606:2800:220:1::1]', '2606:2800:220:1::1'],
    ['2606:2800:220:1::1', '2606:2800:0220:0001:0:0:0:1'],
    ['2606:2800::/32', '2606:2800:ffff::1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
  ])('%s is not dialled as %s', (denied, address) => expect(dials(address, [denied])).toBe(false));

  test.each([
    ['mapped', '::ffff:8.8.8.8'],
    ['NAT64', '64:ff9b::8.8.8.8'],
    ['local NAT64, 96 bits', '64:ff9b:1:2:3:4:808:808'],
    ['local NAT64, 64 bits', '64:ff9b:1:2:8:808:800:0'],
    ['local NAT64, 56 bits', '64:ff9b:1:208:8:808::'],
    ['local NAT64, 48 bits', '64:ff9b:1:808:8:800::'],
    ['compatible', '::8.8.8.8'],
    ['translated', '::ffff:0:8.8.8.8'],
    ['6to4', '2002:808:808::1'],
    ['the server of Teredo', '2001:0:808:808::1'],
    ['the client of Teredo', '2001::f7f7:f7f7'],
  ])('is not dialled in a form of IPv6: %s', (_, address) => {
    expect(dials(address, ['8.8.8.8'])).toBe(false);
    expect(dials(address, ['8.8.8.0/24'])).toBe(false);
    expect(dials(address, ['8.8.8.9'])).toBe(true);
  });

  test('is not dialled by a name or a NAT64 answer that leads to it', async () => {
    const dialled = await catchDials();
    for (const address of ['93.184.216.34', '64:ff9b::5db8:d822', '::ffff:5db8:d822']) {
      const source = sourceOf({
        allow: [],
        denyHosts: ['93.184.216.34'],
        resolve: (_, __, callback) => callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]),
      });
      expect((await failureOf(open(source, 'http://other.example/'))).code).toBe('blocked_address');
    }
    expect(dialled).toEqual([]);
  });

  test('is refused in the words for every address, so that nobody learns what is denied', async () => {
    const canary = await serveCanary();
    const source = sourceOf({ allow: ['127.0.0.0/8'], denyHosts: ['127.0.0.2'] });
    const failure = await failureOf(open(source, canary.url));
    expect(failure.message).toBe('the URL leads to an address that is not on the public web');
    expect(inspect(failure, { showHidden: true })).not.toContain('127.0.0');
  });
});

test('a denied name is denied as it stands in a URL; what else leads there is denied by its address', async () => {
  const own = await serve((_, response) => response.end(pngOf()), '127.0.0.2');
  const resolve: Resolve = (_, __, callback) => callback(null, [{ address: '127.0.0.2', family: 4 }]);
  const reached = async (host: string, denyHosts: string[]): Promise<boolean> => {
    const before = own.sockets.length;
    const source = sourceOf({ allow: ['127.0.0.0/8'], resolve, denyHosts });
    const opened = open(source, `http://${host}:${own.port}/`);
    await opened.catch(({ code }: TransferError) => expect(code).toBe('blocked_address'));
    return own.sockets.length > before;
  };
  expect(await reached('own.example', ['own.example'])).toBe(false);
  expect(await reached('alias.example', ['own.example'])).toBe(true);
  for (const host of ['own.example', 'alias.example', '127.0.0.2', '[::ffff:127.0.0.2]']) {
    expect(await reached(host, [])).toBe(true);
    expect(await reached(host, ['own.example', '127.0.0.2'])).toBe(false);
  }
});
