import { X509Certificate } from 'node:crypto';

import { InvalidOptionError } from '../../errors.ts';
import { canonicalHost } from '../source-url.ts';

/** PEM by the host that it is trusted for, as URLs spell hosts, without the brackets of an IPv6 address. */
export type HostCertificates = ReadonlyMap<string, string>;

/**
 * Reads the option `certificates`.
 * @throws InvalidOptionError for what is no host, no certificate, or more than a certificate. It repeats no PEM.
 */
export function readHostCertificates(entries: Readonly<Record<string, string>>): HostCertificates {
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries))
    throw new InvalidOptionError('certificates', 'is not an object of PEM by host');
  return new Map(Object.entries(entries).map(([host, pem]) => [hostOf(host), certificatesOf(host, pem)]));
}

function hostOf(host: string): string {
  const canonical = canonicalHost(host);
  if (canonical === undefined)
    throw refused(host, 'it must be a host name or address without a port, and no pattern');
  return canonical.replace(/^\[|\]$/g, '');
}

function certificatesOf(host: string, pem: unknown): string {
  if (typeof pem !== 'string') throw refused(host, 'its certificate must be PEM text');
  if (pem.includes('PRIVATE KEY-----')) throw refused(host, 'a private key has no business with it');
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || !blocks.every(isCertificate))
    throw refused(host, 'its certificate must be PEM of one or more certificates');
  return blocks.join('\n');
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}

function refused(host: string, why: string): InvalidOptionError {
  return new InvalidOptionError('certificates', `names ${JSON.stringify(host)}; ${why}`);
}
