/** A source URL as it may stand in a log: without query and fragment, which carry signatures and tokens. */
export function redactUrl(url: string): string {
  return url.replace(/[?#].*$/s, '?…');
}
