import { Hono } from 'hono';
import { cloneRawRequest } from 'hono/request';

import type { FetchHandler } from '@imgferry/http-adapter';

export function onHono(handler: FetchHandler): Hono {
  // #region hono
  const app = new Hono();
  app.all('/images/*', (context) => handler(context.req.raw));
  // #endregion hono
  return app;
}

export function onHonoAfterParser(handler: FetchHandler): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    if (context.req.header('content-type')?.startsWith('application/json')) await context.req.text();
    await next();
  });
  // #region hono-parsed
  app.all('/images/*', async (context) => handler(await cloneRawRequest(context.req)));
  // #endregion hono-parsed
  return app;
}
