/** A host name has 253 characters (RFC 1035); spelled in other letters and percent-encoded it is a few times as long. */
export const longestHost = 1_000;

/** Where a host stands in a URL as the URL Standard reads it: after slashes of either kind, none of which is needed. */
const hostPart = /^[\p{Cc} ]*(?:(?:https?|wss?|ftp|file):[/\\]*|[/\\]{2,})([^/\\?#]*)/iu;

/**
 * Says whether a URL, or a reference to one, names its host (with port and credentials) in more characters than any has.
 * To be asked before the URL is parsed: how long that takes grows with the square of a name in other letters, and one of
 * 8,000 holds up the process for 25 ms.
 */
export function hasOverlongHost(text: string): boolean {
  if (text.length <= longestHost) return false;
  // The parser strips them wherever they are.
  const [, host = ''] = hostPart.exec(text.replace(/[\t\n\r]/g, '')) ?? [];
  return host.length > longestHost;
}
