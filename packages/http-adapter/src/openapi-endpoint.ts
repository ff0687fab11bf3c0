import { createHash } from 'node:crypto';

import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { jsonAnswer } from './json-answer.ts';
import { describeEndpoints } from './openapi/document.ts';
import type { ResolvedOptions } from './options.ts';

interface Written {
  readonly text: string;
  readonly etag: string;
}

/** One for each handler, written when it is first asked for. */
const documents = new WeakMap<ResolvedOptions, Written>();

/** `GET /v1/openapi.json`: the description of the endpoints, which only a new version or other options change. */
export async function openApiEndpoint({ request, options }: EndpointCall): Promise<HttpAnswer> {
  const { text, etag } = documents.get(options) ?? write(options);
  // Kept by whoever asked, because `authorize` lets not everyone have it, and looked at again each time.
  const headers = { etag, 'cache-control': 'private, no-cache' };
  return isKnown(request.header('if-none-match'), etag)
    ? { status: 304, headers }
    : jsonAnswer(200, text, headers);
}

function write(options: ResolvedOptions): Written {
  const text = JSON.stringify(describeEndpoints(options));
  const written = { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
  documents.set(options, written);
  return written;
}

/** By the weak comparison (RFC 9110, 13.1.2): proxies that compress make a tag a weak one. */
function isKnown(tags: string | undefined, etag: string): boolean {
  return (
    tags?.trim() === '*' || (tags ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
  );
}
