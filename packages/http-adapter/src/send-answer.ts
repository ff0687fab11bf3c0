import type { IncomingMessage, ServerResponse } from 'node:http';

import type { HttpAnswer } from './http-exchange.ts';

/** For how long what a client is still sending is thrown away, so that it gets to read its answer. */
const lingerMs = 500;

/** Sends an answer on a Node server, at the pace of the client. Rejects when the body of the answer does. */
export async function sendAnswer(
  { status, headers, body }: HttpAnswer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const closing = incoming.complete ? {} : { connection: 'close' };
  const bodyless = incoming.method === 'HEAD' || status === 204 || status === 304;
  if (typeof body === 'object' && !bodyless) {
    outgoing.writeHead(status, { ...headers, ...closing });
    return pour(body, outgoing);
  }
  if (typeof body === 'object') leave(body[Symbol.asyncIterator]());
  const text = typeof body === 'string' ? body : '';
  const measured = typeof body === 'object' || status === 204 || status === 304;
  const length = measured ? {} : { 'content-length': Buffer.byteLength(text) };
  outgoing.writeHead(status, { ...headers, ...length, ...closing });
  if (incoming.complete || incoming.destroyed) outgoing.end(text);
  else await endAfterLingering(text, incoming, outgoing);
}

/** Asks for a chunk only when the one before it has gone out, and leaves as soon as the client does. */
async function pour(body: AsyncIterable<string | Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  const stop = (): void => leave(chunks);
  outgoing.once('close', stop);
  try {
    while (!outgoing.destroyed) {
      const { done, value } = await chunks.next();
      if (outgoing.destroyed) return;
      if (done) return void outgoing.end();
      if (!outgoing.write(value)) await drained(outgoing);
    }
  } finally {
    outgoing.off('close', stop);
    stop();
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off('drain', settle).off('close', settle);
      resolve();
    };
    outgoing.on('drain', settle).on('close', settle);
  });
}

/** What the iteration has to say about being left is nobody's concern any more. */
function leave(chunks: AsyncIterator<unknown>): void {
  chunks.return?.().catch(() => {});
}

/**
 * Closing a connection with bytes unread on it resets it, and the client may lose the answer that is on its way. So
 * what still comes is thrown away for a moment (RFC 9112, 9.6).
 */
async function endAfterLingering(
  text: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  outgoing.flushHeaders();
  if (text !== '') outgoing.write(text);
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      incoming.off('end', settle).off('close', settle);
      resolve();
    };
    const timer = setTimeout(settle, lingerMs);
    incoming.on('end', settle).on('close', settle).resume();
  });
  if (!outgoing.destroyed) outgoing.end();
}
