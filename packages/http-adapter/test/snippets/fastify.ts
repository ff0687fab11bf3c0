import fastify, { type FastifyInstance } from 'fastify';

import { type FetchHandler, toNodeHandler } from '@imgferry/http-adapter';

export function onFastify(handler: FetchHandler): FastifyInstance {
  // #region fastify
  const app = fastify();
  const serve = toNodeHandler(handler);
  app.register(async (images) => {
    images.removeAllContentTypeParsers();
    images.addContentTypeParser('*', (_request, _payload, done) => done(null));
    images.all('/images/*', (request, reply) => {
      reply.hijack();
      serve(request.raw, reply.raw);
    });
  });
  // #endregion fastify
  return app;
}

export function onFastifyAfterParser(handler: FetchHandler): FastifyInstance {
  const app = fastify({ bodyLimit: 2_097_152 });
  const serve = toNodeHandler(handler);
  // #region fastify-parsed
  app.all('/images/*', (request, reply) => {
    reply.hijack();
    serve(Object.assign(request.raw, { body: request.body }), reply.raw);
  });
  // #endregion fastify-parsed
  return app;
}
