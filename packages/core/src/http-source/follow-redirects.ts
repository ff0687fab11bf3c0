import { hasOverlongHost } from '../overlong-host.ts';
import { TransferError } from '../transfer-error.ts';
import type { HttpExchange } from './http-exchange.ts';
import { readSourceUrl, type UrlRule } from './source-url.ts';

/** What redirects are held to. */
export interface RedirectRule extends UrlRule {
  readonly maxRedirects: number;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Asks for a URL and goes where the answers lead, until one is no redirect. Every hop is judged as the first URL was.
 * @param ask Sends one request and resolves when its answer has begun.
 * @throws TransferError
 */
export async function followRedirects(
  text: string,
  rule: RedirectRule,
  ask: (url: URL) => Promise<HttpExchange>,
): Promise<HttpExchange> {
  let url = readSourceUrl(text, rule);
  let seen: Set<string> | undefined;
  for (;;) {
    const exchange = await ask(url);
    if (!redirects.has(exchange.status)) return exchange;
    seen = (seen ?? new Set()).add(url.href);
    url = nextHop(url, exchange.headers.location, rule);
    if (seen.has(url.href)) throw badRedirect('the redirects of the source go in a circle');
    if (seen.size > rule.maxRedirects)
      throw badRedirect(`the source redirects more than ${rule.maxRedirects} times`);
    exchange.discard();
  }
}

function nextHop(from: URL, location: string | readonly string[] | undefined, rule: RedirectRule): URL {
  if (typeof location !== 'string' || location.trim() === '')
    throw badRedirect('the source redirects without saying where to');
  const target = utf8(location);
  const to = hasOverlongHost(target) ? null : URL.parse(target, from.href);
  if (to === null) throw badRedirect('the source redirects to something that is not a URL');
  judgeHop(from, to);
  return readSourceUrl(to.href, rule);
}

function judgeHop(from: URL, to: URL): void {
  if (to.protocol !== 'https:' && to.protocol !== 'http:')
    throw badRedirect('the source redirects to something that is neither http nor https');
  if (to.username !== '' || to.password !== '')
    throw badRedirect('the source redirects to a URL with credentials');
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw badRedirect('the source redirects from https to http');
  if (isRemovedPicture(to))
    throw new TransferError(
      'source_removed',
      'the source redirects to the picture that stands for removed images',
    );
}

/** Where Imgur sends everyone who asks for an image that is gone; its status is 200. */
function isRemovedPicture({ hostname, pathname }: URL): boolean {
  return hostname === 'i.imgur.com' && pathname === '/removed.png';
}

/** Headers are read as Latin-1, and servers write UTF-8. */
function utf8(header: string): string {
  const text = Buffer.from(header, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? header : text;
}

function badRedirect(message: string): TransferError {
  return new TransferError('bad_redirect', message);
}
