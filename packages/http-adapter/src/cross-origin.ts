import type { HttpRequest } from './http-exchange.ts';
import type { CorsOptions } from './options.ts';
import { Problem } from './problem.ts';

const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses what a page of another origin sends to change something. A browser sends it without asking first when it looks
 * like a form, and with it what the application knows its users by: cookies, an address, a client certificate.
 *
 * Browsers say where a request comes from in Sec-Fetch-Site, or where they do not (old ones; over plain HTTP) in Origin,
 * which is compared with the host that was asked. What has neither is no browser's. So does `CrossOriginProtection` of
 * Go's net/http.
 * @throws Problem
 */
export function refuseForeignPage(cors: CorsOptions | undefined, request: HttpRequest): void {
  if (safeMethods.includes(request.method)) return;
  if (isFromOurPage(request) || isNamed(cors, request.header('origin'))) return;
  throw new Problem(
    'forbidden',
    'a page of an origin that the option cors does not name may change nothing here',
  );
}

/** Any page may read by `*`, which is no reason to let every page change something. */
function isNamed(cors: CorsOptions | undefined, origin: string | undefined): boolean {
  return origin !== undefined && origin !== '*' && cors?.origins.includes(origin) === true;
}

function isFromOurPage(request: HttpRequest): boolean {
  const site = request.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = request.header('origin');
  return origin === undefined || URL.parse(origin)?.host === request.host.toLowerCase();
}
