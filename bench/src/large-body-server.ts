import { createServer, type Server } from 'node:http';
import { pipeline, Readable } from 'node:stream';

import { largeBody, largeBodyBytes } from './large-body.ts';

/** Makes a server of large bodies at `/<number>`, each with its length, made while it is sent. */
export function createLargeBodyServer(): Server {
  return createServer((request, response) => {
    const { type, chunks } = largeBody(Number(request.url?.slice(1)));
    response.writeHead(200, { 'content-type': type, 'content-length': largeBodyBytes });
    // A client that leaves early ends the pipeline; it knows itself that it has not everything.
    pipeline(Readable.from(chunks(), { objectMode: false }), response, () => {});
  });
}
