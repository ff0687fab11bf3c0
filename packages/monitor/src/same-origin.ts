import { Problem } from './problem.ts';

/** The header that every write and every secret wants. A page of another origin can not send it without being allowed to. */
export const writeHeader = 'x-imgferry-monitor';

/**
 * Refuses what a page of another origin asks for: a browser sends it with the password that it keeps for us, or from a
 * machine that is let in by its address. A link to our page may be followed from anywhere, which reads nothing of the store.
 *
 * Browsers say where a request comes from in Sec-Fetch-Site, or where they do not (over plain HTTP) in Origin, which is
 * compared with the host that was asked. What has neither is no browser's, or, over plain HTTP, what any page may ask
 * for without being shown the answer, as it asks for an image: that changes nothing and reads nothing, but may open streams,
 * of which there are so many and no more.
 * @param page The path of the page, without the slash of its folder.
 * @throws Problem
 */
export function refuseForeignPage(request: Request, page: string): void {
  if (isFromOurPage(request) || isLinkTo(page, request)) return;
  throw foreignPage();
}

/** The same, and no link either: for what changes something or is a secret. @throws Problem */
export function requireOurPage(request: Request): void {
  if (!isFromOurPage(request)) throw foreignPage();
}

/** @throws Problem */
export function requireWriteHeader({ headers }: Request): void {
  if (headers.get(writeHeader) !== '1')
    throw new Problem(
      'forbidden',
      `what only those may ask for who may steer needs the header ${writeHeader}: 1`,
    );
}

function isFromOurPage({ headers, url }: Request): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin' || site === 'none';
  const origin = headers.get('origin');
  if (origin === null) return true;
  const host = headers.get('host') ?? new URL(url).host;
  return URL.parse(origin)?.host === host.toLowerCase();
}

function isLinkTo(page: string, { method, headers, url }: Request): boolean {
  return (
    method === 'GET' &&
    [page, `${page}/`].includes(new URL(url).pathname) &&
    headers.get('sec-fetch-mode') === 'navigate' &&
    headers.get('sec-fetch-dest') === 'document'
  );
}

function foreignPage(): Problem {
  return new Problem('forbidden', 'a page of another origin may ask for nothing here');
}
