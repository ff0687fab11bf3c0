import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** What a certificate says. */
export interface CertificateFacts {
  /** The names and IPv4 addresses that it is for. */
  readonly names: readonly string[];
  /** @default a day ago */
  readonly from?: Date;
  /** @default a day from now */
  readonly until?: Date;
  /** Who signs it. @default itself */
  readonly issuer?: Certificate;
  /** What its key is for. An RSA key is signed by an issuer. @default 'ec' */
  readonly keyType?: 'ec' | 'rsa';
  /** It says something that nobody knows and everyone has to heed. */
  readonly odd?: boolean;
}

/** A certificate and its key as PEM, for `tls.createServer`. */
export interface Certificate {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 86_400_000;

/** Makes a certificate with a key of its own (RFC 5280), so that no test needs openssl or a file that expires. */
export function makeCertificate(certificate: CertificateFacts): Certificate {
  const { names, from, until, issuer, keyType, odd = false } = certificate;
  const { privateKey, publicKey } = makeKeys(keyType ?? 'ec');
  const name = names[0] ?? '';
  const signer = issuer ?? { name, privateKey };
  const facts = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    commonName(signer.name),
    sequence(time(from ?? new Date(Date.now() - DAY_MS)), time(until ?? new Date(Date.now() + DAY_MS))),
    commonName(name),
    publicKey.export({ format: 'der', type: 'spki' }),
    tagged(0xa3, sequence(basicConstraints, subjectAltName(names), ...(odd ? [unknownExtension] : []))),
  );
  const signature = sign('sha256', facts, signer.privateKey);
  const der = sequence(facts, ecdsaWithSha256, tagged(0x03, Buffer.from([0]), signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  const cert = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
  return { name, privateKey, key: String(privateKey.export({ format: 'pem', type: 'pkcs8' })), cert };
}

function makeKeys(type: 'ec' | 'rsa'): { privateKey: KeyObject; publicKey: KeyObject } {
  return type === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2_048 });
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80 ? [body.length] : [0x82, Math.floor(body.length / 0x100), body.length % 0x100];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function time(at: Date): Buffer {
  return tagged(0x18, Buffer.from(`${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`));
}

function commonName(name: string): Buffer {
  const attribute = sequence(Buffer.from('0603550403', 'hex'), tagged(0x0c, Buffer.from(name)));
  return sequence(tagged(0x31, attribute));
}

const ecdsaWithSha256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));

/** It may sign others. */
const basicConstraints = sequence(
  Buffer.from('0603551d13' + '0101ff', 'hex'),
  tagged(0x04, sequence(Buffer.from('0101ff', 'hex'))),
);

const unknownExtension = sequence(
  Buffer.from('06032a0304' + '0101ff', 'hex'),
  tagged(0x04, tagged(0x0c, Buffer.from('heed this'))),
);

function subjectAltName(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIPv4(name) ? tagged(0x87, Buffer.from(name.split('.').map(Number))) : tagged(0x82, Buffer.from(name)),
  );
  return sequence(Buffer.from('0603551d11', 'hex'), tagged(0x04, sequence(...entries)));
}
