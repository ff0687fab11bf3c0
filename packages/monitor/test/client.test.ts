import { describe, expect, it } from 'vitest';

import { silentLogger } from '@imgferry/core';
import { clientNamer } from '../src/client.ts';
import { origin } from './scene.ts';

const request = new Request(origin);

describe('a client', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1:2%eth0', 'fe80:0:0:0'],
    ['::ffff:0b00:0010', '11.0.0.16'],
    ['0:0:0:0:0:FFFF:203.0.113.9', '203.0.113.9'],
    ['64:ff9b::203.0.113.9', '203.0.113.9'],
    ['64:ff9b:1::203.0.113.9', '64:ff9b:1:0'],
    ['2001:0db8:0001:0002::203.0.113.9', '2001:db8:1:2'],
    [undefined, undefined],
  ])('at %s is %s: of IPv6 its network, of which it has each address', (remoteAddress, name) => {
    expect(clientNamer(undefined, silentLogger)(request, { remoteAddress })).toBe(name);
  });

  it.each([
    ['ann', 'ann'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('that is named %j is %j', (answer, name) => {
    expect(clientNamer(() => answer as string, silentLogger)(request, {})).toBe(name);
  });

  it('has no name that is no text', () => {
    expect(() => clientNamer(() => 7 as never, silentLogger)(request, {})).toThrow(TypeError);
  });
});
