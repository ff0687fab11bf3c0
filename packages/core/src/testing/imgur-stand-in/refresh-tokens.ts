import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

import { whileOpen } from '../while-open.ts';
import { imgurReplies } from './imgur-replies.ts';
import { boundaryOf, MultipartReader } from './multipart-reader.ts';
import { renderJson, renderReply, sendWhole, whenClosed } from './send-reply.ts';
import type { IssuedTokens } from './stand-in-credentials.ts';
import type { StandInState } from './stand-in-state.ts';

const MAX_BYTES = 64 * 1024;
const EXPIRES_IN_SECONDS = 315_360_000;

/**
 * Answers `POST /oauth2/token`: new tokens for a refresh token, which is used up by it; or as it was ordered. An order
 * with an answer of its own uses no token up, unless it says that it is `stored`. Costs no credits.
 */
export async function refreshTokens(
  state: StandInState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const order = state.refreshOrders.take();
  state.traffic.count('refreshes');
  state.waits.changed();
  const { manner } = order;
  if (manner?.type === 'reset-before-body') return void request.socket.resetAndDestroy();
  const form = await readForm(request);
  const issued = (order.stored ?? !order.answer) ? issue(state, form) : undefined;
  if (order.delayMs !== undefined)
    await whileOpen(response, (signal) => after(order.delayMs, undefined, { signal }));
  if (manner?.type === 'reset-after-body') return void request.socket.resetAndDestroy();
  if (manner?.type === 'never') return whenClosed(response);
  const refusal = order.answer ? order : imgurReplies.invalidRefreshToken();
  if (order.answer || !issued) return sendWhole(response, renderReply(refusal, request, undefined));
  sendWhole(response, renderJson(issuedBody(issued)));
}

function issue(state: StandInState, form: ReadonlyMap<string, string>): IssuedTokens | undefined {
  if (form.get('grant_type') !== 'refresh_token') return undefined;
  return state.credentials.refresh(form.get('refresh_token') ?? '', form.get('client_id') ?? '');
}

function issuedBody({ accessToken, refreshToken }: IssuedTokens): object {
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: EXPIRES_IN_SECONDS,
    token_type: 'bearer',
    scope: null,
    account_id: 1,
    account_username: 'stand-in',
  };
}

/** Reads a form, in any of the ways it can be sent. What is not one has no fields. */
async function readForm(request: IncomingMessage): Promise<Map<string, string>> {
  const body = await readSmallBody(request);
  const contentType = request.headers['content-type'] ?? '';
  const boundary = boundaryOf(contentType);
  if (boundary !== undefined) return multipartFields(body, boundary);
  if (/^application\/json/i.test(contentType)) return jsonFields(body);
  return new Map(new URLSearchParams(body.toString('utf8')));
}

/** A body that is longer than any form is read to its end and counts as empty. */
async function readSmallBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BYTES) chunks.push(chunk);
  }
  return bytes <= MAX_BYTES ? Buffer.concat(chunks) : Buffer.alloc(0);
}

function multipartFields(body: Buffer, boundary: string): Map<string, string> {
  const fields = new Map<string, string>();
  const reader = new MultipartReader(boundary, ({ name }) => ({
    write: (bytes) => fields.set(name, (fields.get(name) ?? '') + bytes.toString('utf8')),
  }));
  reader.write(body);
  return fields;
}

function jsonFields(body: Buffer): Map<string, string> {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return new Map(Object.entries(parsed ?? {}).map(([name, value]) => [name, String(value)]));
  } catch {
    return new Map();
  }
}
