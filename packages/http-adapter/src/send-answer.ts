import type { IncomingMessage, ServerResponse } from 'node:http';

import { defaultStallTimeoutMs, type HttpAnswer } from './http-exchange.ts';

/** For how long what a client is still sending is thrown away, so that it gets to read its answer. */
const lingerMs = 500;

/** What is handed to a connection at once, so that a client that is slow and takes some is told from one that takes none. */
const pieceBytes = 65_536;

/**
 * Sends an answer on a Node server, at the pace of the client, and cuts one off that takes nothing. Rejects when the
 * body of the answer does.
 */
export async function sendAnswer(
  { status, headers, body, stallTimeoutMs = defaultStallTimeoutMs }: HttpAnswer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const closing = incoming.complete ? undefined : { connection: 'close' };
  const bodyless = incoming.method === 'HEAD' || status === 204 || status === 304;
  if (typeof body === 'object' && !bodyless) {
    outgoing.writeHead(status, { ...headers, ...closing });
    return pour(body, outgoing, stallTimeoutMs);
  }
  if (typeof body === 'object') leave(body[Symbol.asyncIterator]());
  const text = typeof body === 'string' ? body : '';
  const measured = typeof body === 'object' || status === 204 || status === 304;
  const length = measured ? undefined : { 'content-length': Buffer.byteLength(text) };
  outgoing.writeHead(status, { ...headers, ...length, ...closing });
  if (!incoming.complete && !incoming.destroyed) await endAfterLingering(text, incoming, outgoing);
  else if (text.length > pieceBytes && !bodyless) await pour(inOneChunk(text), outgoing, stallTimeoutMs);
  else outgoing.end(text);
}

/** Asks for a chunk only when the one before it has gone out, and leaves as soon as the client does. */
async function pour(
  body: AsyncIterable<string | Uint8Array>,
  outgoing: ServerResponse,
  stallTimeoutMs: number,
): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  const stop = (): void => leave(chunks);
  outgoing.once('close', stop);
  try {
    while (!outgoing.destroyed) {
      const { done, value } = await chunks.next();
      if (outgoing.destroyed) return;
      if (done) return await end(outgoing, stallTimeoutMs);
      for (const piece of piecesOf(value))
        if (!outgoing.destroyed && !outgoing.write(piece)) await taken('drain', outgoing, stallTimeoutMs);
    }
  } finally {
    outgoing.off('close', stop);
    stop();
  }
}

/** A client that takes nothing of a long text is cut off as well. */
async function* inOneChunk(text: string): AsyncGenerator<string, void, undefined> {
  yield text;
}

function* piecesOf(chunk: string | Uint8Array): Generator<Uint8Array, void, undefined> {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function end(outgoing: ServerResponse, stallTimeoutMs: number): Promise<void> {
  const finished = taken('finish', outgoing, stallTimeoutMs);
  outgoing.end();
  await finished;
}

/** Waits until the client has taken what it was sent. One that takes none of it for too long is cut off. */
function taken(event: 'drain' | 'finish', outgoing: ServerResponse, stallTimeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      outgoing.off(event, settle).off('close', settle);
      resolve();
    };
    const timer = setTimeout(() => {
      outgoing.destroy();
      settle();
    }, stallTimeoutMs);
    outgoing.on(event, settle).on('close', settle);
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
