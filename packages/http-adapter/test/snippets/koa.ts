import Koa from 'koa';

import { type FetchHandler, toNodeHandler } from '@imgferry/http-adapter';

export function onKoa(handler: FetchHandler): Koa {
  // #region koa
  const app = new Koa();
  const serve = toNodeHandler(handler);
  app.use((context, next) => {
    if (!context.path.startsWith('/images/')) return next();
    context.respond = false;
    serve(context.req, context.res);
  });
  // #endregion koa
  return app;
}

/** A body parser as koa's are: it reads the request and leaves what it made of it in `context.request.body`. */
const parseBody: Koa.Middleware = async (context, next) => {
  if (context.is('application/json')) {
    const chunks = await Array.fromAsync<Buffer>(context.req);
    Object.assign(context.request, { body: JSON.parse(Buffer.concat(chunks).toString()) });
  }
  await next();
};

export function onKoaAfterParser(handler: FetchHandler): Koa {
  const app = new Koa();
  app.use(parseBody);
  const serve = toNodeHandler(handler);
  app.use((context) => {
    context.respond = false;
    // #region koa-parsed
    serve(Object.assign(context.req, { body: Reflect.get(context.request, 'body') }), context.res);
    // #endregion koa-parsed
  });
  return app;
}
