/** Cut here: a failure message is a sentence, not a document. */
const longest = 200;

/** Control characters, line and paragraph separators, marks that turn the direction of text, half characters. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Makes a stranger's words fit to be shown and logged: one line, nothing that steers a terminal or turns text around,
 * at most 200 characters, or as many as given.
 */
export function foreignText(text: string, most: number = longest): string {
  const line = text
    .slice(0, 4 * most)
    .replace(unprintable, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= most) return line;
  // A cut inside a surrogate pair would leave half a character.
  return `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
