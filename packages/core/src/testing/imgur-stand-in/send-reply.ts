import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

import { whileOpen } from '../while-open.ts';
import { type ImgurImageBody, imageBody } from './image-body.ts';
import type { ImgurReply } from './imgur-reply.ts';
import type { ReceivedImage } from './received-image.ts';

/** An answer, ready to be sent. */
export interface RenderedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Writes out a reply: its own answer, or the success of an image. */
export function renderReply(
  reply: ImgurReply,
  request: IncomingMessage,
  image: ReceivedImage | undefined,
): RenderedReply {
  const { answer } = reply;
  if (answer) {
    const { body, contentType } = answer;
    const asked = { path: pathOf(request), method: request.method ?? '' };
    const text = typeof body === 'string' ? body : body(asked);
    return rendered(reply.status ?? answer.status, contentType, text, reply.headers);
  }
  if (!image) throw new Error('a success was to be sent without an image');
  return renderJson(alteredBody(reply, imageBody(image)), reply.status, reply.headers);
}

export function renderJson(
  body: unknown,
  status: number = 200,
  headers?: Readonly<Record<string, string>>,
): RenderedReply {
  return rendered(status, 'application/json', JSON.stringify(body), headers);
}

function alteredBody({ alter }: ImgurReply, body: ImgurImageBody): unknown {
  return alter ? alter(body) : body;
}

function rendered(
  status: number,
  contentType: string,
  body: string,
  headers: Readonly<Record<string, string>> | undefined,
): RenderedReply {
  return { status, body, headers: { 'Content-Type': contentType, ...headers } };
}

/** The path of a request, without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/** Sends an answer in one go. */
export function sendWhole(response: ServerResponse, { status, headers, body }: RenderedReply): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** Sends an answer byte by byte. Resolves when it is sent, or its connection is closed. */
export async function sendSlowly(
  response: ServerResponse,
  { status, headers, body }: RenderedReply,
  everyMs: number,
): Promise<void> {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'Content-Length': bytes.length });
  response.flushHeaders();
  for (let at = 0; at < bytes.length && !response.destroyed; at += 1) {
    await whileOpen(response, (signal) => after(everyMs, undefined, { signal }));
    response.write(bytes.subarray(at, at + 1));
  }
  response.end();
}

/** Sends half of an answer and ends the connection. */
export function sendTruncated(response: ServerResponse, { status, headers, body }: RenderedReply): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'Content-Length': bytes.length });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}

/** Resolves when the connection is closed. */
export function whenClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) resolve();
    else response.once('close', resolve);
  });
}
