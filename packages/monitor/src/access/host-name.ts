import { isIP } from 'node:net';

/** The name that a request was sent to, without its port and as a URL has it; empty when there is none. */
export function hostNameOf({ headers, url }: Request): string {
  return readHostName(headers.get('host') ?? new URL(url).host);
}

/** The name in a Host header; empty when it is anything else, such as one with a user before it. */
export function readHostName(host: string): string {
  if (!/^[\w.:[\]-]+$/.test(host)) return '';
  return URL.parse(`http://${host}`)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
}

/** Whether no stranger can turn it to us: an address is no name, and of `localhost` no server is asked (RFC 6761, 6.3). */
export function cannotBeRebound(name: string): boolean {
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost');
}
