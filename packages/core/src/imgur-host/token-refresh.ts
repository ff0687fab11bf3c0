import type { Dispatcher } from 'undici';

import { foreignText } from '../foreign-text.ts';
import { TransferError } from '../transfer-error.ts';
import { exchange } from './exchange.ts';
import { readAnswer } from './imgur-answer.ts';
import { readImgurRefusal } from './imgur-reply.ts';
import { type ImgurTokens, isToken } from './imgur-tokens.ts';
import type { Reply, ReplyContext } from './reply.ts';
import type { ImgurRoute } from './send-image.ts';

/** What a refresh is asked with. */
export interface RefreshOptions {
  readonly dispatcher: Dispatcher;
  readonly route: ImgurRoute;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly context: () => ReplyContext;
  readonly refusal: (fact: string) => TransferError;
  readonly signal: AbortSignal;
}

/** Trades a refresh token for new tokens. Rejects with a `TransferError`: `host_credentials` when Imgur wants none of it. */
export async function refreshTokens(refreshToken: string, options: RefreshOptions): Promise<ImgurTokens> {
  const reply = await askForTokens(refreshToken, options);
  const { status, text } = reply;
  if (status >= 200 && status < 300) return readTokens(text, refreshToken);
  if (status === 400 || status === 401 || status === 403) throw refused(reply, options);
  const meaning = readImgurRefusal(reply, options.context());
  throw meaning.status === 'refused'
    ? meaning.error
    : new TransferError('host_bad_reply', 'Imgur gave no tokens');
}

function askForTokens(refreshToken: string, options: RefreshOptions): Promise<Reply> {
  const { dispatcher, route, clientId, clientSecret, signal } = options;
  const form = new URLSearchParams({
    refresh_token: refreshToken,
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: 'refresh_token',
  });
  return exchange(dispatcher, {
    ...route,
    path: `${route.path}/oauth2/token`,
    method: 'POST',
    headers: { ...route.headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    carriesImage: false,
    signal,
  });
}

/** An answer without a refresh token leaves the old one in force. */
function readTokens(text: string, refreshToken: string): ImgurTokens {
  const { access_token: accessToken, refresh_token: next } = readAnswer(text).fields ?? {};
  if (!isToken(accessToken))
    throw new TransferError('host_bad_reply', 'Imgur renewed the tokens and named no access token');
  return { accessToken, refreshToken: isToken(next) ? next : refreshToken };
}

/** An edge that blocks and a host that is busy answer 400 and 403 too; those are not about the tokens. */
function refused(reply: Reply, options: RefreshOptions): TransferError {
  const context = options.context();
  const { fault, error } = readImgurRefusal(reply, context);
  const elsewhere = [
    'blocked',
    'forbidden',
    'overloaded',
    'rate-limited',
    'too-fast',
    'daily-limit',
    'unavailable',
  ];
  if (elsewhere.includes(fault)) return error;
  const words = foreignText(context.redact(readAnswer(reply.text).message));
  const because = words === '' ? `answers ${reply.status}` : `says: ${words}`;
  return options.refusal(`Imgur refuses to renew the access token and ${because}`);
}
