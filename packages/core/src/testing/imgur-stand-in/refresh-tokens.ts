import type { IncomingMessage, ServerResponse } from 'node:http';

import { imgurReplies } from './imgur-replies.ts';
import { boundaryOf, MultipartReader } from './multipart-reader.ts';
import { renderJson, renderReply, sendWhole } from './send-reply.ts';
import type { StandInState } from './stand-in-state.ts';

const MAX_BYTES = 64 * 1024;
const EXPIRES_IN_SECONDS = 315_360_000;

/** Answers `POST /oauth2/token`: new tokens for a refresh token, which is used up by it. Costs no credits. */
export async function refreshTokens(
  state: StandInState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const form = await readForm(request);
  const issued =
    form.get('grant_type') === 'refresh_token'
      ? state.credentials.refresh(form.get('refresh_token') ?? '', form.get('client_id') ?? '')
      : undefined;
  if (!issued)
    return sendWhole(response, renderReply(imgurReplies.invalidRefreshToken(), request, undefined));
  const body = {
    access_token: issued.accessToken,
    refresh_token: issued.refreshToken,
    expires_in: EXPIRES_IN_SECONDS,
    token_type: 'bearer',
    scope: null,
    account_id: 1,
    account_username: 'stand-in',
  };
  sendWhole(response, renderJson(body));
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
