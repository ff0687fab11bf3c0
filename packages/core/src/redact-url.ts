import { foreignText } from './foreign-text.ts';

/**
 * A source URL as it may stand in a log: without query and fragment, which carry signatures and tokens, and at most
 * 200 characters of it.
 */
export function redactUrl(url: string): string {
  return foreignText(url.replace(/[?#].*$/s, '?…'));
}

/** Takes out of a text what {@link redactUrl} leaves out of a URL, as a whole and value by value. */
export function withoutSecretsOf(url: string, text: string): string {
  const rest = url.replace(/^[^?#]*/, '');
  const values = rest.split(/[?#&]/).map((field) => field.slice(field.indexOf('=') + 1));
  return [rest, ...values].flatMap(spelled).reduce((clean, secret) => clean.replaceAll(secret, '…'), text);
}

/** A value as it was sent, and as it reads. */
function spelled(value: string): readonly string[] {
  return [value, new URLSearchParams(`value=${value}`).get('value') ?? value].filter(
    (each) => each.length >= 8,
  );
}
