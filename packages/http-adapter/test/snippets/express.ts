import express, { type Express } from 'express';

import { type FetchHandler, toNodeHandler } from '@imgferry/http-adapter';

export function onExpress(handler: FetchHandler): Express {
  // #region express
  const app = express();
  app.use('/images', toNodeHandler(handler));
  // #endregion express
  return app;
}

export function onExpressAfterParser(handler: FetchHandler): Express {
  const app = express();
  app.use(express.json({ limit: '2mb' }));
  app.use('/images', toNodeHandler(handler));
  return app;
}
