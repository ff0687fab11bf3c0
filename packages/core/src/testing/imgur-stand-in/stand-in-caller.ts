import type { IncomingMessage } from 'node:http';

import { imgurReplies } from './imgur-replies.ts';
import type { ImgurReply } from './imgur-reply.ts';
import type { Caller } from './stand-in-limits.ts';
import type { StandInState } from './stand-in-state.ts';

/** Whom a request is counted for. */
export function callerOf(request: IncomingMessage): Caller {
  return {
    credential: request.headers.authorization ?? '',
    address: request.socket.remoteAddress ?? '',
  };
}

/** What a request without credentials, or with refused ones, is answered. */
export function refusalOfCredentials(state: StandInState, request: IncomingMessage): ImgurReply | undefined {
  const verdict = state.credentials.check(request.headers.authorization);
  if (verdict === 'missing') return imgurReplies.authenticationRequired();
  return verdict === 'invalid' ? imgurReplies.invalidToken() : undefined;
}
