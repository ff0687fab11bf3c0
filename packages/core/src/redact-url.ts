import { foreignText } from './foreign-text.ts';

/** What stands before the @ of a URL, however it is written for a browser to take it. */
const user = /^(\s*[a-z][a-z\d+.-]*:[/\\]*)[^/?#\\]*@/i;

/**
 * A source URL as it may stand in a log: without user and password, and without query and fragment, which carry
 * signatures and tokens, and at most 200 characters of it.
 */
export function redactUrl(url: string): string {
  return foreignText(url.replace(/[?#].*$/s, '?…').replace(user, '$1…@'));
}

/** No signed URL has as many, and each is looked for in the whole text. */
const mostSecrets = 64;

/**
 * Takes out of a text what {@link redactUrl} leaves out of a URL, as a whole and value by value. Of a URL with more
 * values than can be looked for, nothing of the text is told.
 */
export function withoutSecretsOf(url: string, text: string): string {
  const secrets = secretsOf(url);
  if (secrets.length > mostSecrets) return 'not told: the query of the URL has too many values';
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '…'), text);
}

/** The longest first, so that nothing is left of one that begins with another. */
function secretsOf(url: string): readonly string[] {
  const rest = url.replace(/^[^?#]*/, '');
  const values = rest.split(/[?#&]/).map((field) => field.slice(field.indexOf('=') + 1));
  const secrets = new Set([rest, ...values].flatMap(spelled));
  return [...secrets].sort((one, other) => other.length - one.length);
}

/** A value as it was sent, and as it reads. */
function spelled(value: string): readonly string[] {
  return [value, new URLSearchParams(`value=${value}`).get('value') ?? value].filter(
    (each) => each.length >= 8,
  );
}
