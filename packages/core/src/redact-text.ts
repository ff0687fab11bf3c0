/** Between a name and its value: as headers, forms, JSON and lists of both have it. */
const separator = String.raw`(?:\\*["']?\s*[:=]>?|\\*["']\s*,(?=\s*\\*["']))\s*`;

/** What stands in quotes, however often those are escaped, up to the one that ends it. */
const quoted = String.raw`(\\*["'])(?:(?!(?<!\\)\2)[\s\S])+`;

/** Headers that are secret as a whole: what stands in the quotes, in the list, or on the rest of the line. */
const headers = new RegExp(
  String.raw`((?:authorization|cookies?)(?: header)?${separator})(?:${quoted}|\[[^\]]*[^\r\n]*|[^\r\n]+)`,
  'gi',
);

/** Of names like these every value is secret, with or without the name of a scheme before it. */
const names = [
  'secret|token|passw(?:or)?d|passphrase|signature|credential|session|sessid',
  '(?:api|access|account|private)[ _-]?key|rapidapi[_-]key|delete[_-]?hash',
  '(?<![a-z])(?:pass|pwd|sid)',
].join('|');

/** Said of a field and not in it: "Invalid token: expired". */
const verdict = String.raw`(?:expired|invalid|missing|null|please|required|revoked|undefined|unknown)[.,;:!)]*(?:\s|$)`;

const fields = new RegExp(
  String.raw`((?:${names})(?:[_-]?(?:hash|id|key|value))?s?${separator})(?:${quoted}|(?!${verdict})(?:(?:api-?key|basic|bearer|digest|token)\s+)?[^\s"'&;<>]{4,})`,
  'gi',
);

const rules: readonly (readonly [pattern: RegExp, clean: string])[] = [
  // User name and password of a URL, also a password that ought to be encoded and is not.
  [/\b([a-z][a-z\d+.-]{0,30}:\/\/)(?:[^\s/?#"'<>:@]*:(?!\d{1,5}[/?#])[^\s"'<>]*|[^\s/?#"'<>]*)@/gi, '$1…@'],
  // Query and fragment of a URL; of a part of one, whatever looks like a field.
  [/\b([a-z][a-z\d+.-]{0,30}:\/\/[^\s?#"'<>`]*)[?#][^\s"'<>`]*/gi, '$1?…'],
  [/[?#&][\w.~%[\]$-]{1,100}=[^\s"'<>`]*/g, '?…'],
  [headers, '$1$2[secret]'],
  [fields, '$1$2[secret]'],
  // Credentials behind a word of a sentence: longer than the words that are said of them, or with what no word has.
  [/\b(bearer)([\s:=]+)(?!auth)[\w.~+/=-]{12,}/gi, '$1$2[secret]'],
  [
    /\b(api[ _-]?key|basic|bearer|client[ _-]?id|token)([\s:=]+)(?=[\w.~+/=-]*[\d=]|[\w.~+/=-]{20})[\w.~+/=-]{6,}/gi,
    '$1$2[secret]',
  ],
];

/** No sentence is longer, and the rules may take the square of the time. */
const longest = 4_096;

/** A secret that was cut looks like none any more. */
const halfWord = /(?<!\S)\S{1,1024}$/;

/**
 * Takes out of a text what can be told to be secret without knowing the secrets: user, query and fragment of URLs,
 * secret headers as a whole, values of fields that are called so, credentials in a sentence. Of a long text the
 * beginning is left.
 */
export function redactText(text: string): string {
  const beginning = text.length > longest ? text.slice(0, longest).replace(halfWord, '') : text;
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
