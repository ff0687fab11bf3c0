import { isIPv4 } from 'node:net';

import { hasOverlongHost } from '../overlong-host.ts';
import { TransferError } from '../transfer-error.ts';
import type { AddressRule } from './addresses/address-rule.ts';

/** What a URL is judged by before anything is asked of the network. */
export interface UrlRule {
  readonly addresses: AddressRule;
  /** Names that are never a source, as {@link canonicalHost} spells them. */
  readonly denyHosts: ReadonlySet<string>;
}

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
/** Names that mean this machine or this network: RFC 6761, RFC 6762, RFC 8375, ICANN's .internal. */
const loopbackName = /(^|\.)localhost$/;
const insideName = /(^|\.)(local|internal|home\.arpa)$/;

/**
 * Reads the URL of a source and judges what can be judged without the network: scheme, credentials, port, name, and
 * an address that stands in it literally. A dot after the name is taken off.
 * @throws TransferError
 */
export function readSourceUrl(text: string, rule: UrlRule): URL {
  const url = hasOverlongHost(text) ? null : URL.parse(text);
  if (url === null) throw new TransferError('invalid_host', 'this is not a URL with a host');
  // `hash` says nothing of an empty one.
  if (url.href.includes('#')) url.hash = '';
  judgeScheme(url);
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1);
  judgeUrl(url, rule);
  return url;
}

/** A host as URLs spell it: lower case, ASCII, no dot at its end; `undefined` when it is none, as patterns are. */
export function canonicalHost(host: string): string | undefined {
  const text = `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}/`;
  const url = host.includes('*') ? null : URL.parse(text);
  if (url === null) return undefined;
  return url.href === `http://${url.hostname}/` ? url.hostname.replace(/\.$/, '') : undefined;
}

/** The port that a URL leads to, the default of its scheme included. */
export function portOf({ port, protocol }: { readonly port: string; readonly protocol: string }): number {
  return port === '' ? (defaultPorts[protocol] ?? 0) : Number(port);
}

/** One sentence for every address, so that nobody can map a network from the failures. */
export function blockedAddress(): TransferError {
  return new TransferError('blocked_address', 'the URL leads to an address that is not on the public web');
}

function judgeScheme({ protocol, username, password }: URL): void {
  if (!Object.hasOwn(defaultPorts, protocol))
    throw new TransferError('blocked_address', 'the URL is neither http nor https');
  if (username !== '' || password !== '')
    throw new TransferError(
      'blocked_address',
      'the URL holds credentials, and images are fetched without any',
    );
}

function judgeUrl(url: URL, rule: UrlRule): void {
  const { hostname } = url;
  if (rule.denyHosts.has(hostname))
    throw new TransferError('blocked_address', 'the URL leads to a host that is never a source here');
  const literal = literalAddress(hostname);
  if (literal === undefined) judgeName(hostname, rule.addresses);
  judgePort(portOf(url), rule.addresses);
  if (literal !== undefined && !rule.addresses.mayDial(literal, portOf(url))) throw blockedAddress();
}

function literalAddress(hostname: string): string | undefined {
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return isIPv4(hostname) ? hostname : undefined;
}

function judgeName(name: string, { publicOnly }: AddressRule): void {
  const labels = name.split('.');
  if (loopbackName.test(name)) throw blockedAddress();
  if (name.length > 253 || labels.some((label) => label === '' || label.length > 63))
    throw new TransferError('invalid_host', 'the host name has an empty or overlong part');
  // Where inside addresses are allowed, inside names lead to them, and the addresses decide.
  if (!publicOnly) return;
  if (insideName.test(name)) throw blockedAddress();
  if (labels.length === 1) throw new TransferError('invalid_host', 'the host name is a single word');
}

function judgePort(port: number, { publicOnly, isPublicPort }: AddressRule): void {
  if (port === 0 || (publicOnly && !isPublicPort(port)))
    throw new TransferError('blocked_address', `the URL leads to port ${port}, which is not open to sources`);
}
