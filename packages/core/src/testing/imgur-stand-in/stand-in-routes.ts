import type { IncomingMessage, ServerResponse } from 'node:http';

import { publicImageBody } from './image-body.ts';
import { imgurReplies } from './imgur-replies.ts';
import { refreshTokens } from './refresh-tokens.ts';
import { pathOf, type RenderedReply, renderJson, renderReply, sendWhole } from './send-reply.ts';
import { callerOf, refusalOfCredentials } from './stand-in-caller.ts';
import { CALL_COST } from './stand-in-limits.ts';
import type { StandInState } from './stand-in-state.ts';
import { takeUpload } from './take-upload.ts';

const UPLOAD_PATHS = ['/3/image', '/3/upload'];
const IMAGE_PATH = /^\/3\/image\/([0-9A-Za-z]+)$/;

/** Leads a request to what answers it. Rejects only for a fault of the stand-in's own. */
export async function routeRequest(
  state: StandInState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request);
  const { method } = request;
  if (UPLOAD_PATHS.includes(path) && method === 'POST') return takeUpload(state, request, response);
  if (path === '/oauth2/token' && method === 'POST') return refreshTokens(state, request, response);
  request.resume();
  sendWhole(response, answerCall(state, request, path));
}

function answerCall(state: StandInState, request: IncomingMessage, path: string): RenderedReply {
  const refused = refusalOfCredentials(state, request);
  if (refused) return renderReply(refused, request, undefined);
  if (path === '/3/credits' && request.method === 'GET') return answerCredits(state, request);
  if (UPLOAD_PATHS.includes(path)) return renderReply(imgurReplies.nginx405(), request, undefined);
  const id = IMAGE_PATH.exec(path)?.[1];
  if (id === undefined)
    return renderReply(imgurReplies.notFound(`Unable to find ${path}`), request, undefined);
  return answerImageCall(state, request, id);
}

/** Asking what is left costs nothing. */
function answerCredits(state: StandInState, request: IncomingMessage): RenderedReply {
  const data = state.limits.credits(callerOf(request));
  return renderJson({ data, success: true, status: 200 });
}

function answerImageCall(state: StandInState, request: IncomingMessage, id: string): RenderedReply {
  const caller = callerOf(request);
  const exhausted = state.limits.charge(caller, CALL_COST);
  const reply = exhausted
    ? renderReply(imgurReplies.tooManyRequests(), request, undefined)
    : answerImage(state, request, id);
  return { ...reply, headers: { ...state.limits.headers(caller, request.method), ...reply.headers } };
}

function answerImage(state: StandInState, request: IncomingMessage, id: string): RenderedReply {
  if (request.method === 'DELETE') return deleteImage(state, request, id);
  if (request.method !== 'GET') return renderReply(imgurReplies.nginx405(), request, undefined);
  const image = state.images.get(id);
  return image ? renderJson(publicImageBody(image)) : unknownImage(request, id);
}

function deleteImage(state: StandInState, request: IncomingMessage, idOrDeleteHash: string): RenderedReply {
  // An id is enough for its owner only, and an anonymous image has none.
  const isOwner = /^bearer /i.test(request.headers.authorization ?? '');
  if (!isOwner && state.images.get(idOrDeleteHash)) {
    return renderReply(imgurReplies.permissionRequired(), request, undefined);
  }
  const deleted = state.images.delete(idOrDeleteHash);
  if (deleted === 'unknown') return unknownImage(request, idOrDeleteHash);
  if (deleted === 'deleted') state.traffic.count('deleted');
  state.waits.changed();
  return renderJson({ data: true, success: true, status: 200 });
}

function unknownImage(request: IncomingMessage, id: string): RenderedReply {
  const reply = imgurReplies.notFound(`Unable to find an image with the id, ${id}`);
  return renderReply(reply, request, undefined);
}
