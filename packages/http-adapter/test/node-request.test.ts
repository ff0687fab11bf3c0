import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import { expect, it } from 'vitest';

import { httpRequestOf } from '../src/node-request.ts';

// V8 keeps a shape of its own for each object with a getter of its own: 3 kB for each request, until the next full collection.
it('a request has no getter of its own', () => {
  const incoming = new IncomingMessage(new Socket());
  const request = httpRequestOf(incoming, new ServerResponse(incoming));
  const own = Object.values(Object.getOwnPropertyDescriptors(request));
  expect(own.filter(({ get }) => get !== undefined)).toEqual([]);
  expect(request.signal).toBe(request.signal);
});
