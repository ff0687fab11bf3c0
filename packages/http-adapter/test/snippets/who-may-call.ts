import { createHash, timingSafeEqual } from 'node:crypto';

import type { Uploader } from '@imgferry/core';
import { createFetchHandler, type FetchHandler, type FetchHandlerOptions } from '@imgferry/http-adapter';

// #region bears
const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Both are hashed first: `timingSafeEqual` throws on lengths that differ. */
const bears = (request: Request, token: string) =>
  timingSafeEqual(sha256(request.headers.get('authorization') ?? ''), sha256(`Bearer ${token}`));
// #endregion bears

/** How the README of http-adapter asks who may call. */
export function createGuardedHandler(
  uploader: Uploader,
  { userToken, operatorToken }: { readonly userToken: string; readonly operatorToken: string },
  options: FetchHandlerOptions = {},
): FetchHandler {
  // #region authorize
  const authorize = (request: Request) => {
    if (bears(request, userToken) || bears(request, operatorToken)) return undefined;
    return new Response(null, { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });
  };
  // #endregion authorize
  // #region operator
  const operator = (request: Request) =>
    bears(request, operatorToken) ? undefined : new Response(null, { status: 403 });
  // #endregion operator
  return createFetchHandler(uploader, { authorize, operator, ...options });
}
