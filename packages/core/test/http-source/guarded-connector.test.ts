import type { Socket } from 'node:net';

import { describe, expect, test } from 'vitest';

import { createAddressList } from '../../src/http-source/addresses/address-list.ts';
import { type AddressRule, createAddressRule } from '../../src/http-source/addresses/address-rule.ts';
import { GuardedConnector } from '../../src/http-source/addresses/guarded-connector.ts';
import type { Resolve } from '../../src/http-source/addresses/guarded-lookup.ts';
import { serve, serveCanary } from './loopback.ts';

const resolve: Resolve = () => {
  throw new Error('a literal address needs no lookup');
};

const onlyLoopback = createAddressRule({
  allow: createAddressList('allow', ['127.0.0.1']),
  deny: createAddressList('denyHosts', []),
  ports: new Set([80, 443]),
});

function connect(hostname: string, port: number, addresses: AddressRule = onlyLoopback): Promise<Socket> {
  const connector = new GuardedConnector({
    addresses,
    resolve,
    lookupTimeoutMs: 1_000,
    connectTimeoutMs: 1_000,
  });
  return new Promise((done, refuse) =>
    connector.connect(
      { hostname, host: `${hostname}:${port}`, protocol: 'http:', port: String(port) },
      (...[error, socket]) => (error === null ? done(socket) : refuse(error)),
    ),
  );
}

describe('the connector, whatever led to it', () => {
  test.each(['127.0.0.2', '::ffff:127.0.0.2', '[::ffff:7f00:2]', '::ffff:7f00:2'])(
    'does not dial %s',
    async (hostname) => {
      const canary = await serveCanary();
      await expect(connect(hostname, canary.port)).rejects.toMatchObject({ code: 'blocked_address' });
    },
  );

  test.each(['127.0.0.1', '::ffff:127.0.0.1'])('dials %s, which is allowed', async (hostname) => {
    const server = await serve(() => {});
    const socket = await connect(hostname, server.port);
    expect(socket.remoteAddress).toMatch(/127\.0\.0\.1$/);
    socket.destroy();
    await server.idle();
  });

  test('gives up a connection whose peer is not what was judged', async () => {
    const server = await serve(() => {});
    let judged = 0;
    const forgetful: AddressRule = {
      publicOnly: false,
      isPublicPort: () => false,
      mayDial: () => {
        judged += 1;
        return judged === 1;
      },
    };
    await expect(connect('127.0.0.1', server.port, forgetful)).rejects.toMatchObject({
      code: 'blocked_address',
    });
    await server.idle();
  });
});
