import { inspect } from 'node:util';

import { expect, test } from 'vitest';

import type { HttpSourceOptions } from '../../src/http-source/index.ts';
import type { TransferError } from '../../src/transfer-error.ts';
import { catchDials } from './dials.ts';
import { failureOf, open, serve, sourceOf } from './loopback.ts';

/** Names and where they lead, each a way of its own to be found out. */
const zone: Readonly<Record<string, readonly string[]>> = {
  'inside.example': ['10.20.30.40'],
  'mapped.example': ['::ffff:10.20.30.40'],
  'nat64.example': ['64:ff9b::a14:1e28'],
  'mixed.example': ['93.184.216.34', '10.20.30.40'],
  'denied.example': ['93.184.216.99'],
  'metadata.example': ['169.254.169.254'],
  'files.internal': ['10.20.30.40'],
};

const options: HttpSourceOptions = {
  denyHosts: ['93.184.216.99'],
  resolve: (hostname, _, callback) =>
    callback(
      null,
      (zone[hostname] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    ),
};

const literals = [
  '10.20.30.40',
  '[::ffff:10.20.30.40]',
  '[fd00::1020:3040]',
  '169.254.169.254',
  '93.184.216.99',
  '93.184.216.34:6379',
  'localhost',
];
const urls = [...literals, ...Object.keys(zone)].map((host) => `http://${host}/secret.png?token=abc`);

test('one error is all that anybody hears of an address, whatever led there and wherever it was found out', async () => {
  let location = '';
  const server = await serve((_, response) => response.writeHead(302, { location }).end('a banner'));
  await catchDials(server);
  const source = sourceOf(options);
  const refusals = new Map<string, string[]>();
  for (const url of urls) {
    location = url;
    for (const asked of [url, server.url]) {
      const error = await failureOf(open(source, asked));
      expect(textsOf(error).join()).not.toMatch(
        /10\.20|a14:1e28|1020:3040|169\.254|93\.184|denied|inside|internal|token|banner/,
      );
      const told = JSON.stringify(withoutStack(error));
      refusals.set(told, [...(refusals.get(told) ?? []), url]);
    }
  }
  expect([...refusals.keys()].map((told) => JSON.parse(told))).toEqual([
    {
      code: 'blocked_address',
      message: 'the URL leads to an address that is not on the public web',
      name: 'TransferError',
      notSent: false,
      possiblyStored: false,
      retry: 'never',
    },
  ]);
  expect([...refusals.values()].flat()).toHaveLength(2 * urls.length);
});

/** All that a log might make of an error, its causes included; the lines of a stack below its first say where, not what. */
function textsOf(error: TransferError): string[] {
  const texts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    texts.push(
      inspect({ ...withoutStack(at) }, { showHidden: true, depth: 10 }),
      String(at),
      at.stack?.split('\n')[0] ?? '',
    );
  return texts;
}

/** Every property of its own, hidden ones and symbols included. */
function withoutStack(error: Error): Record<PropertyKey, unknown> {
  const own = Reflect.ownKeys(error)
    .filter((key) => key !== 'stack')
    .sort((a, b) => String(a).localeCompare(String(b)));
  return Object.fromEntries(own.map((key) => [key, Reflect.get(error, key)]));
}
