import { describe, expect, test } from 'vitest';

import { InvalidOptionError } from '../../src/errors.ts';
import { createAddressList } from '../../src/http-source/addresses/address-list.ts';

describe('a list of addresses', () => {
  test.each([
    ['10.1.2.3', '10.1.2.3', '10.1.2.4'],
    ['10.1.2.3/32', '10.1.2.3', '10.1.2.2'],
    ['10.1.2.3/8', '10.255.0.1', '11.0.0.1'],
    ['0.0.0.0/0', '127.0.0.1', '::1'],
    ['::1', '::1', '::2'],
    ['fd00::/8', 'fd12::1', 'fe80::1'],
    ['127.0.0.1/32', '::ffff:127.0.0.1', '::7f00:1'],
    ['127.0.0.1', '127.0.0.1', '::127.0.0.1'],
    ['::ffff:10.0.0.0/104', '10.9.9.9', '11.9.9.9'],
    ['::ffff:10.0.0.1', '::ffff:a00:1', '10.0.0.2'],
    ['::127.0.0.1', '::7f00:1', '127.0.0.1'],
    ['::127.0.0.0/104', '::7f00:1', '127.0.0.1'],
  ])('%s holds %s and not %s', (entry, inside, outside) => {
    const allow = createAddressList('allow', [entry]);
    expect(allow.has(inside)).toBe(true);
    expect(allow.has(outside)).toBe(false);
  });

  test('holds what any of its entries holds', () => {
    const allow = createAddressList('allow', ['10.0.0.0/8', '::1']);
    expect([allow.has('10.0.0.1'), allow.has('::1'), allow.has('8.8.8.8')]).toEqual([true, true, false]);
  });

  test('holds no names', () =>
    expect(createAddressList('allow', ['0.0.0.0/0', '::/0']).has('localhost')).toBe(false));

  test.each([
    '',
    'localhost',
    '*.internal',
    '10.*',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '127.1',
    '2130706433',
    '10.0.0.0-10.0.0.9',
    'http://10.0.0.1',
    '10.0.0.1:80',
    '/8',
  ])('refuses %j', (entry) => expect(() => createAddressList('allow', [entry])).toThrow(InvalidOptionError));
});
