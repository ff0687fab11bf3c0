import tls, { type TlsOptions } from 'node:tls';

import { describe, expect, it, onTestFinished } from 'vitest';

import { sampleImage } from '@imgferry/core/testing';
import { makeCertificate } from './make-certificate.ts';
import { answerHead, type RawServer, serveRaw } from './raw-server.ts';
import { expectFailure, expectTaken } from './scene.ts';

const png = sampleImage('image/png', { bytes: 2_000 });
const names = ['127.0.0.1'];
const good = makeCertificate({ names });
const past = new Date('2020-01-01');
const future = new Date('2100-01-01');

function serveTls(options: TlsOptions): Promise<RawServer> {
  return serveRaw(
    (socket) => {
      socket.write(answerHead('connection: close', `content-length: ${png.length}`));
      socket.end(png);
    },
    { tls: options },
  );
}

/** Fails for good in one handshake, before a request is sent. */
async function expectRefused(server: RawServer, message: RegExp, certificate?: string): Promise<void> {
  const source = certificate === undefined ? {} : { certificates: { '127.0.0.1': certificate } };
  const failure = await expectFailure(server, 'source_tls', { source, hops: 0 });
  expect(failure.message).toMatch(message);
  expect(server.sockets).toHaveLength(1);
}

const authority = makeCertificate({ names: ['authority.example'] });

const refused = {
  'signed by itself': [good, /can not be trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/],
  'signed by nobody we know': [
    makeCertificate({ names, issuer: authority }),
    /can not be trusted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/,
  ],
} as const;

const wrong = {
  expired: [makeCertificate({ names, until: past, from: new Date(0) }), /CERT_HAS_EXPIRED/],
  'not valid yet': [makeCertificate({ names, from: future, until: new Date('2101-01-01') }), /NOT_YET_VALID/],
  'for another name': [makeCertificate({ names: ['other.example'] }), /ALTNAME_INVALID/],
  'with a demand that nobody knows': [makeCertificate({ names, odd: true }), /not valid \(UNSPECIFIED\)/],
  'for another address': [makeCertificate({ names: ['127.0.0.2'] }), /ALTNAME_INVALID/],
} as const;

describe('a certificate', () => {
  it.each(Object.entries(refused))('that is %s is refused', async (_, [certificate, message]) => {
    await expectRefused(await serveTls(certificate), message);
  });

  it.each(Object.entries(wrong))(
    'that is %s is refused, trusted or not',
    async (_, [certificate, message]) => {
      await expectRefused(await serveTls(certificate), /^the certificate of the source/);
      await expectRefused(await serveTls(certificate), message, certificate.cert);
    },
  );

  it('of another host is not trusted for this one', async () => {
    const server = await serveTls(good);
    const source = { certificates: { '127.0.0.2': good.cert, 'pictures.example': good.cert } };
    await expectFailure(server, 'source_tls', { source, hops: 0 });
  });

  it('that the host was given by itself or by its authority is trusted', async () => {
    const signed = makeCertificate({ names, issuer: authority });
    for (const [server, trusted] of [
      [await serveTls(good), good.cert],
      [await serveTls(signed), authority.cert],
      [await serveTls(signed), good.cert + authority.cert],
    ] as const)
      await expectTaken(server, png, { source: { certificates: { '127.0.0.1': trusted } } });
  });

  it('that is trusted stands in place of the authorities that all others are held to', async () => {
    await expectRefused(await serveTls(good), /can not be trusted/, authority.cert);
  });
});

describe('a source that does not speak TLS as it should', () => {
  it.each(['TLSv1', 'TLSv1.1'] as const)(
    'is refused, trusted or not, whatever the process was told: %s',
    async (version) => {
      const ciphers = 'DEFAULT@SECLEVEL=0';
      const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls;
      onTestFinished(() => void Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS }));
      Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1', DEFAULT_CIPHERS: ciphers });
      const old = { ...good, minVersion: version, maxVersion: version, ciphers };
      await expectRefused(await serveTls(old), /does not speak TLS as it should/, good.cert);
    },
  );

  it('is refused when it would make up the group of the key exchange, trusted or not', async () => {
    const certificate = makeCertificate({ names, issuer: authority, keyType: 'rsa' });
    const ciphers = 'DHE-RSA-AES128-GCM-SHA256';
    const server = await serveTls({ ...certificate, ciphers, dhparam: 'auto', maxVersion: 'TLSv1.2' });
    await expectRefused(server, /does not speak TLS as it should/, authority.cert);
  });

  it('is refused when it speaks plain HTTP', async () => {
    const plain = await serveRaw((socket) => void socket.end(answerHead()), { speaksFirst: true });
    const server = { ...plain, url: plain.url.replace('http:', 'https:') };
    await expectRefused(server, /does not speak TLS as it should/);
  });

  it('and is asked in plain HTTP is no HTTP', async () => {
    const tls = await serveTls(good);
    await expectFailure({ ...tls, url: tls.url.replace('https:', 'http:') }, 'source_unreachable', {
      hops: 0,
    });
  });
});

describe('a source that speaks TLS', () => {
  it.each([
    ['TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['TLSv1.2', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ['TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
    ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256'],
  ] as const)('in %s with %s is read from', async (version, ciphers) => {
    const certificate = makeCertificate({ names, issuer: authority, keyType: 'rsa' });
    const server = await serveTls({ ...certificate, ciphers, minVersion: version, maxVersion: version });
    await expectTaken(server, png, { source: { certificates: { '127.0.0.1': authority.cert } } });
  });
});
