const rules: readonly (readonly [pattern: RegExp, clean: string])[] = [
  // User name and password of a URL.
  [/\b([a-z][a-z\d+.-]{0,30}:\/\/)[^\s/?#"'<>]*@/gi, '$1…@'],
  // Query and fragment of a URL; of a part of one, whatever looks like a field.
  [/\b([a-z][a-z\d+.-]{0,30}:\/\/[^\s?#"'<>`]*)[?#][^\s"'<>`]*/gi, '$1?…'],
  [/[?#&][\w.~%[\]$-]{1,100}=[^\s"'<>`]*/g, '?…'],
  // Credentials behind their scheme; with a digit, so that words about them stay.
  [/\b(bearer|basic|client-id)([\s:=]+)(?=\S*\d)[\w.~+/=-]{6,}/gi, '$1$2[secret]'],
  // Fields and headers whose name says that they are secret.
  [
    /((?:authorization|secret|token|password|api_?key|rapidapi-key|signature|deletehash)["']?\s*[:=]\s*["']?)(?!(?:bearer|basic|client-id)\b)[^\s"'&,;<>]{4,}/gi,
    '$1[secret]',
  ],
];

/** No sentence is longer, and the rules may take the square of the time. */
const longest = 4_096;

/**
 * Takes out of a text what can be told to be secret without knowing the secrets: user, query and fragment of URLs,
 * credentials of headers, values of fields that are called so. Of a long text the beginning is left.
 */
export function redactText(text: string): string {
  const beginning = text.slice(0, longest);
  return rules.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), beginning);
}

/** Not in a word, so that neither a version of five parts nor a name with colons is taken for one. */
const addresses: readonly RegExp[] = [
  /(?<![\w:.])(?:[\da-f]{1,4}(?::[\da-f]{1,4}){0,6})?::(?:[\da-f]{1,4}(?::[\da-f]{1,4}){0,6}(?:\.\d{1,3}){0,3})?(?![\w:])/gi,
  /(?<![\w:.])(?:[\da-f]{1,4}:){7}[\da-f]{1,4}(?![\w:])/gi,
  /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g,
];

/** Takes addresses out of a text: what a name leads to inside is nobody's business. */
export function withoutAddresses(text: string): string {
  return addresses.reduce((clean, pattern) => clean.replace(pattern, '[address]'), text);
}
