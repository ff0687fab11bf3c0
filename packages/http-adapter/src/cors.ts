import type { HttpAnswer, HttpRequest } from './http-exchange.ts';
import type { CorsOptions } from './options.ts';

const preflightSeconds = 600;

/** What every answer carries so that pages of the allowed origins can read it. Never with credentials. */
export function corsHeaders(cors: CorsOptions | undefined, request: HttpRequest): Record<string, string> {
  if (cors === undefined) return {};
  const allowed = allowedOrigin(cors, request.header('origin'));
  if (allowed === undefined) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': allowed,
    'access-control-expose-headers': 'Content-Disposition, ETag, Link, Location, Retry-After',
  };
}

/** Whether this is a browser that asks before it sends the request itself. */
export function isPreflight(request: HttpRequest): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.header('origin') !== undefined &&
    request.header('access-control-request-method') !== undefined
  );
}

/** The answer to a preflight; it says nothing to an origin that is not allowed. */
export function preflightAnswer(cors: CorsOptions, request: HttpRequest, methods: string): HttpAnswer {
  if (allowedOrigin(cors, request.header('origin')) === undefined) return { status: 204, headers: {} };
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': methods,
      'access-control-allow-headers':
        'Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID',
      'access-control-max-age': String(preflightSeconds),
    },
  };
}

/** The origin as an answer names it; `undefined` when it is not one of those. */
export function allowedOrigin(cors: CorsOptions | undefined, origin: string | undefined): string | undefined {
  if (cors === undefined || origin === undefined) return undefined;
  const { origins } = cors;
  if (origins.includes('*')) return '*';
  return origins.includes(origin) ? origin : undefined;
}
