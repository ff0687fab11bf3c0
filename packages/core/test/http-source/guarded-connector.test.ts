import type { Socket } from 'node:net';

import { describe, expect, test } from 'vitest';

import { createAddressRule } from '../../src/http-source/address-rule.ts';
import { createAllowList } from '../../src/http-source/allow-list.ts';
import { GuardedConnector, type Resolve } from '../../src/http-source/guarded-connector.ts';
import { serve, serveCanary } from './loopback.ts';

const resolve: Resolve = () => {
  throw new Error('a literal address needs no lookup');
};

function connect(hostname: string, port: number): Promise<Socket> {
  const addresses = createAddressRule(createAllowList(['127.0.0.1']), new Set([80, 443]));
  const connector = new GuardedConnector({ addresses, resolve, connectTimeoutMs: 1_000 });
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
});
