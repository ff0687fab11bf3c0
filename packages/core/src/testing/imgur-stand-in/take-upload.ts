import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

import { mediaTypeOf } from '../media-type.ts';
import { whileOpen } from '../while-open.ts';
import { imageSizeOf } from './image-size.ts';
import { imgurReplies } from './imgur-replies.ts';
import type { ImgurReply } from './imgur-reply.ts';
import { judgeImage } from './judge-image.ts';
import type { ReceivedImage } from './received-image.ts';
import { renderReply, sendSlowly, sendTruncated, sendWhole, whenClosed } from './send-reply.ts';
import { callerOf, refusalOfCredentials } from './stand-in-caller.ts';
import { type Exhausted, UPLOAD_COST } from './stand-in-limits.ts';
import type { StandInState } from './stand-in-state.ts';
import type { UploadEnd } from './stand-in-traffic.ts';
import { readUpload, type UploadBody } from './upload-reader.ts';

/** What is known of a POST once its body was read: the image that it brought, or why that is none for us. */
type Judged =
  | { readonly status: 'taken'; readonly image: ReceivedImage }
  | { readonly status: 'refused'; readonly reply: ImgurReply }
  | { readonly status: 'incomplete' };

/** Answers one upload, as it was ordered or as Imgur would. */
export async function takeUpload(
  state: StandInState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const ordered = state.orders.take();
  state.traffic.began();
  state.waits.changed();
  try {
    const unread = ordered.manner?.type;
    if (unread === 'reset-before-body' || unread === 'stall') {
      conclude(state, 'refused');
      return await leaveUnread(unread, request, response);
    }
    const exhausted = ordered.edge ? undefined : state.limits.charge(callerOf(request), UPLOAD_COST);
    const body = await readUpload(request);
    const order = isFor(ordered, body) ? ordered : {};
    const early = refusalOfCredentials(state, request) ?? refusalOfLimits(state, exhausted, order);
    const judged = judge(state, body, early);
    if (judged.status === 'incomplete') return conclude(state, 'incomplete');
    const image = store(state, judged, order);
    await reachAnswer(state, response, order);
    await reply(state, request, response, { order, judged, image });
  } finally {
    state.traffic.ended();
    state.waits.changed();
  }
}

async function leaveUnread(
  manner: 'reset-before-body' | 'stall',
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (manner === 'stall') return whenClosed(response);
  request.socket.resetAndDestroy();
}

function isFor({ onlyBytes }: ImgurReply, body: UploadBody): boolean {
  return onlyBytes === undefined || (body.status === 'whole' && body.image?.bytes === onlyBytes);
}

function refusalOfLimits(
  state: StandInState,
  exhausted: Exhausted | undefined,
  order: ImgurReply,
): ImgurReply | undefined {
  // A refusal that was ordered is given anyway, so the limit refused nothing.
  if (!exhausted || order.answer) return undefined;
  state.traffic.count('rateLimited');
  return replyOfLimit(exhausted);
}

function replyOfLimit({ limit, resetInMs }: Exhausted): ImgurReply {
  if (limit === 'client') return imgurReplies.dailyLimit();
  if (limit === 'user') return imgurReplies.tooFast(Math.ceil(resetInMs / 60_000));
  return imgurReplies.tooManyRequests();
}

function judge(state: StandInState, body: UploadBody, early: ImgurReply | undefined): Judged {
  if (body.status === 'incomplete') return body;
  if (early) return { status: 'refused', reply: early };
  if (body.status === 'malformed') return { status: 'refused', reply: imgurReplies.malformed(body.reason) };
  if (!body.image || ['url', 'base64'].includes(body.fields.type ?? '')) {
    return { status: 'refused', reply: imgurReplies.noImage() };
  }
  const head = body.image.head;
  const verdict = judgeImage(mediaTypeOf(head), body.image.bytes, state.options);
  if (verdict.status === 'refused') return verdict;
  const id = state.ids.nextId();
  const image: ReceivedImage = {
    id,
    link: `https://i.imgur.com/${id}.${verdict.extension}`,
    deleteHash: state.ids.nextDeleteHash(),
    sha256: body.image.sha256(),
    bytes: body.image.bytes,
    type: verdict.type,
    firstBytes: Uint8Array.from(head.subarray(0, 16)),
    ...imageSizeOf(verdict.type, head),
    ...(body.filename !== undefined && { filename: body.filename }),
    fields: body.fields,
    at: state.options.clock(),
    deleted: false,
  };
  return { status: 'taken', image };
}

function store(state: StandInState, judged: Judged, order: ImgurReply): ReceivedImage | undefined {
  const image = judged.status === 'taken' ? judged.image : undefined;
  const stored = image !== undefined && (order.stored ?? !order.answer);
  if (stored) state.images.add(image);
  conclude(state, stored ? 'accepted' : 'refused');
  return image;
}

function conclude(state: StandInState, end: UploadEnd): void {
  state.traffic.judged(end);
  state.waits.changed();
}

/** Whatever stands between a body that was read and its answer. */
async function reachAnswer(state: StandInState, response: ServerResponse, order: ImgurReply): Promise<void> {
  if (state.holds.any) await whileOpen(response, (signal) => state.holds.pass(signal));
  const delayMs = state.options.latencyMs + (order.delayMs ?? 0);
  if (delayMs > 0) await whileOpen(response, (signal) => after(delayMs, undefined, { signal }));
}

async function reply(
  state: StandInState,
  request: IncomingMessage,
  response: ServerResponse,
  { order, judged, image }: { order: ImgurReply; judged: Judged; image: ReceivedImage | undefined },
): Promise<void> {
  const manner = order.manner ?? { type: 'whole' };
  if (manner.type === 'never') return whenClosed(response);
  if (manner.type === 'reset-after-body') return void request.socket.resetAndDestroy();

  const chosen = judged.status === 'refused' && !order.answer ? judged.reply : order;
  const rateHeaders =
    chosen.edge || chosen.rateHeaders === false ? {} : state.limits.headers(callerOf(request), 'POST');
  const rendered = renderReply(chosen, request, image);
  const answer = { ...rendered, headers: { ...rateHeaders, ...rendered.headers } };
  if (manner.type === 'slow') return sendSlowly(response, answer, manner.everyMs);
  if (manner.type === 'truncated') return sendTruncated(response, answer);
  sendWhole(response, answer);
}
