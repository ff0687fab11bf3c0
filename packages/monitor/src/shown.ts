import { foreignText, redactUrl } from '@imgferry/core';

const longestUrl = 8_192;
const longestWords = 4_096;

/** What may be shown of texts of others. Nothing of theirs is in an answer that has not passed here. */
export interface Shown {
  /** A source's URL: without its query, which may be a signature, unless the monitor was told to show it. */
  url(url: string): string;
  /** A host's link. It is public, and of use only as a whole. */
  link(link: string): string;
  /** A name or a sentence. */
  text(text: string): string;
  /** One of a list of words, such as the code of a failure. A store may have one that is in no list. */
  word<Word extends string>(word: Word): Word;
  /** What the application gave its job to carry: titles, descriptions, and what is in its metadata. */
  words(text: string): string;
}

/** Decides it for a monitor. */
export function shownBy({ showQueries }: { readonly showQueries: boolean }): Shown {
  return {
    url: (url) => (showQueries ? foreignText(url, longestUrl) : redactUrl(url)),
    link: (link) => foreignText(link, longestUrl),
    text: (text) => foreignText(text),
    word: <Word extends string>(word: Word) => foreignText(word) as Word,
    words: (text) => foreignText(text, longestWords),
  };
}
