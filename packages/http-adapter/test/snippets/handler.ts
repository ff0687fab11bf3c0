import type { Uploader } from '@imgferry/core';
import { createFetchHandler, type FetchHandler } from '@imgferry/http-adapter';

export function createHandler(uploader: Uploader): FetchHandler {
  // #region handler
  const handler = createFetchHandler(uploader, { basePath: '/images' });
  // #endregion handler
  return handler;
}
