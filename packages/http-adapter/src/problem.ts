import {
  IdempotencyConflictError,
  InvalidCursorError,
  InvalidUrlsError,
  QueueFullError,
  StateError,
  StoreUnavailableError,
  type UrlProblem,
} from '@imgferry/core';
import type { HttpAnswer } from './http-exchange.ts';

/** The kinds of errors that leave. */
export type ProblemKind =
  | 'badRequest'
  | 'notFound'
  | 'methodNotAllowed'
  | 'timeout'
  | 'tooLarge'
  | 'unsupportedType'
  | 'keyReused'
  | 'queueFull'
  | 'internal'
  | 'unavailable';

/** The status of each kind, and its name in RFC 9110. No other file knows one. */
export const problemStatuses: Readonly<Record<ProblemKind, readonly [status: number, title: string]>> = {
  badRequest: [400, 'Bad Request'],
  notFound: [404, 'Not Found'],
  methodNotAllowed: [405, 'Method Not Allowed'],
  timeout: [408, 'Request Timeout'],
  tooLarge: [413, 'Content Too Large'],
  unsupportedType: [415, 'Unsupported Media Type'],
  keyReused: [422, 'Unprocessable Content'],
  queueFull: [429, 'Too Many Requests'],
  internal: [500, 'Internal Server Error'],
  unavailable: [503, 'Service Unavailable'],
};

/** What goes with a problem beside its sentence. */
export interface ProblemFacts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly UrlProblem[];
}

/** How many characters a text of a problem has at most. */
export const maxTextLength = 200;
const shutDownRetryMs = 2_000;

/** Why a request is answered with an error, in words that may leave the process. */
export class Problem extends Error {
  override name = 'Problem' as const;
  readonly kind: ProblemKind;
  readonly facts: ProblemFacts;

  constructor(kind: ProblemKind, detail: string, facts: ProblemFacts = {}) {
    super(detail);
    this.kind = kind;
    this.facts = facts;
  }

  /** A mistake in how the handler was mounted; said in the answer, because that is where its author looks. */
  static bodyAlreadyRead(): Problem {
    const advice = 'mount this handler before it, or hand the parsed body on as `body` of the request';
    return new Problem('internal', `a body parser read the body and left nothing of it: ${advice}`);
  }
}

/** What is told about anything that was thrown. Of what is not expected, nothing. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InvalidUrlsError)
    return new Problem(
      'badRequest',
      error.message,
      error.problems.length > 0 ? { errors: error.problems } : {},
    );
  if (error instanceof InvalidCursorError) return new Problem('badRequest', error.message);
  if (error instanceof IdempotencyConflictError) return new Problem('keyReused', error.message);
  if (error instanceof QueueFullError)
    return new Problem('queueFull', error.message, retryAfter(error.retryAfterMs));
  if (error instanceof StoreUnavailableError)
    return new Problem('unavailable', 'the store can not be reached', retryAfter(error.retryAfterMs));
  if (error instanceof StateError)
    return new Problem('unavailable', 'the service is being stopped', retryAfter(shutDownRetryMs));
  return new Problem('internal', 'the request could not be answered because of a fault in the service');
}

/** A problem as `application/problem+json` (RFC 9457). */
export function problemAnswer({ kind, message, facts }: Problem): HttpAnswer {
  const [status, title] = problemStatuses[kind];
  const errors = facts.errors?.map(({ index, reason }) => ({ index, reason: harmless(reason) }));
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...facts.headers },
    body: JSON.stringify({ type: 'about:blank', title, status, detail: harmless(message), errors }),
  };
}

/** Whether a problem is nobody's fault but ours, so that it belongs into the log. */
export function isOurs({ kind }: Problem): boolean {
  return problemStatuses[kind][0] >= 500;
}

function retryAfter(delayMs: number): ProblemFacts {
  return { headers: { 'retry-after': String(Math.max(1, Math.ceil(delayMs / 1_000))) } };
}

/** Some of what is told may be of the sender's making. */
function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  if (line.length <= maxTextLength) return line;
  return `${line.slice(0, maxTextLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
