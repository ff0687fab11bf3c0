import { expect, test } from 'vitest';

import { resolveHttpSourceOptions } from '../../src/http-source/http-source-options.ts';

test.each([
  [['127.0.0.1'], '127.0.0.1'],
  [['127.0.0.1'], '::ffff:127.0.0.1'],
  [['93.184.216.34'], '93.184.216.34'],
  [['[2606:2800:220:1::1]'], '2606:2800:220:1::1'],
])(
  'a denied address %j is not dialled as %s, whatever name or spelling leads there',
  (denyHosts, address) => {
    const { addresses } = resolveHttpSourceOptions({ allow: ['127.0.0.0/8'], denyHosts });
    expect(addresses.mayDial(address, 80)).toBe(false);
    expect(resolveHttpSourceOptions({ allow: ['127.0.0.0/8'] }).addresses.mayDial(address, 80)).toBe(true);
  },
);
