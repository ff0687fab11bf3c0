import type { Page } from '@imgferry/core';
import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { jsonAnswer } from './json-answer.ts';
import { itemsPerTurn, writeArray } from './json-stream.ts';
import { linkToNext, readPageQuery } from './page-query.ts';
import type { ServedUploader } from './served-uploader.ts';

/** `GET /v1/images`: every link there is, or with `limit` or `cursor` a page of them. */
export async function linksEndpoint(call: EndpointCall): Promise<HttpAnswer> {
  const query = new URLSearchParams(call.request.query);
  return query.has('limit') || query.has('cursor') ? onePage(call, query) : allLinks(call.uploader);
}

async function onePage(call: EndpointCall, query: URLSearchParams): Promise<HttpAnswer> {
  const { items, next } = await call.uploader.links(readPageQuery(query));
  const link = linkToNext(call.request.path, query, next);
  return jsonAnswer(200, JSON.stringify({ uploaded: items }), link);
}

/** The first page is read before anything is answered: a store that is away is an error, not half an answer. */
async function allLinks(uploader: ServedUploader): Promise<HttpAnswer> {
  const first = await uploader.links({ limit: itemsPerTurn });
  return jsonAnswer(200, writeArray(pagesFrom(first, uploader), '{"uploaded":', '}'));
}

/** Each page is asked for while the one before it is written and taken. */
async function* pagesFrom(
  first: Page<string>,
  uploader: ServedUploader,
): AsyncGenerator<readonly string[], void, undefined> {
  for (let page = first; ; ) {
    const { items, next } = page;
    const following = next === undefined ? undefined : uploader.links({ limit: itemsPerTurn, cursor: next });
    // What becomes of it is nobody's concern once the reader has left.
    following?.catch(() => {});
    yield items;
    if (following === undefined) return;
    page = await following;
  }
}
