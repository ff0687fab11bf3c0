import { setImmediate as nextTurn } from 'node:timers/promises';

import { InvalidUrlsError, type UrlProblem } from './errors.ts';
import { hasOverlongHost, longestHost } from './overlong-host.ts';

/** What a list of URLs has to keep to. */
export interface UrlRules {
  readonly maxUrls: number;
  readonly maxUrlLength: number;
}

const sliceMs = 2;
const maxProblemsTold = 100;

/**
 * Checks what was handed in to a submit and strips duplicates: equal strings, the first kept.
 * Refuses all or nothing, and only for what can be told without looking: syntax (WHATWG URL), scheme, credentials,
 * control characters, length. What a URL points at is judged when it is fetched.
 * Works in slices of time, so that neither a long list nor URLs that are slow to read hold up the process.
 */
export async function checkUrls(urls: unknown, rules: UrlRules): Promise<readonly string[]> {
  const list = checkList(urls);
  const unique = new Set<string>();
  const problems: UrlProblem[] = [];
  let sliceEndsAt = performance.now() + sliceMs;
  for (const [index, url] of list.entries()) {
    const reason = refusal(url, rules.maxUrlLength);
    if (reason === undefined) unique.add(url as string);
    else problems.push({ index, reason });
    if (performance.now() < sliceEndsAt) continue;
    await nextTurn();
    sliceEndsAt = performance.now() + sliceMs;
  }
  if (problems.length > 0) throw new InvalidUrlsError(summary(problems), problems.slice(0, maxProblemsTold));
  if (unique.size > rules.maxUrls)
    throw new InvalidUrlsError(
      `there are ${unique.size} URLs; at most ${rules.maxUrls} are accepted in one job`,
    );
  return [...unique];
}

function checkList(urls: unknown): readonly unknown[] {
  if (!Array.isArray(urls)) throw new InvalidUrlsError('urls is not a list');
  if (urls.length === 0) throw new InvalidUrlsError('urls is empty; a job has at least one');
  return urls;
}

function refusal(url: unknown, maxLength: number): string | undefined {
  if (typeof url !== 'string') return 'is not a string';
  if (url.length > maxLength) return `is ${url.length} characters long; at most ${maxLength} are accepted`;
  if (hasControlCharacter(url)) return 'contains a control character';
  if (!url.isWellFormed()) return 'contains half a character (a lone surrogate)';
  if (url.trim() !== url) return 'begins or ends with white space';
  if (hasOverlongHost(url)) return `names its host in more than ${longestHost} characters`;
  const parsed = URL.parse(url);
  if (parsed === null) return 'is not a URL';
  const { protocol, username, password } = parsed;
  if (protocol !== 'http:' && protocol !== 'https:')
    return `has the scheme ${protocol.slice(0, 20)} and only http: and https: are fetched`;
  if (username !== '' || password !== '') return 'contains a user name or password';
  return undefined;
}

/** URL parsers strip tabs and line ends silently; what the sender meant is then anyone's guess. */
function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  }
  return false;
}

function summary(problems: readonly UrlProblem[]): string {
  const [first] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more are refused` : '';
  return `urls[${first?.index}] ${first?.reason}${more}`;
}
