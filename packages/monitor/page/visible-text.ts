/**
 * A stranger's text as it is, not as it wants to look: what is not printed, and what turns the direction of the text
 * around it, is shown by its number.
 */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (character) => `⟨U+${codeOf(character)}⟩`);
}

/** Controls, marks and overrides of direction, what has no width, halves of pairs, and ends of lines. */
const UNSEEN = /\p{Cc}|\p{Cf}|\p{Cs}|[\u2028\u2029]/gu;

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

/** The address of a link that may be followed: http or https, and no user before an `@`, who looks like a site. */
export function webAddress(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) return undefined;
  return url.username === '' && url.password === '' ? url.href : undefined;
}
