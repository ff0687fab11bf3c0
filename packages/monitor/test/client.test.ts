import { describe, expect, it } from 'vitest';

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
    [undefined, undefined],
  ])('at %s is %s: of IPv6 its network, of which it has each address', (remoteAddress, name) => {
    expect(clientNamer()(request, { remoteAddress })).toBe(name);
  });

  it.each([
    ['ann', 'ann'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('that is named %j is %j', (answer, name) => {
    expect(clientNamer(() => answer as string)(request, {})).toBe(name);
  });

  it('has no name that is no text', () => {
    expect(() => clientNamer(() => 7 as never)(request, {})).toThrow(TypeError);
  });
});
