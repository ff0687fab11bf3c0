import {
  foreignText,
  InvalidCursorError,
  QueueFullError,
  StateError,
  StoreUnavailableError,
} from '@imgferry/core';

/** The kinds of errors that leave. */
export type ProblemKind =
  | 'badRequest'
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'methodNotAllowed'
  | 'timeout'
  | 'tooLarge'
  | 'unsupportedType'
  | 'tooMany'
  | 'internal'
  | 'unavailable'
  | 'full';

/** The status of each kind, and its name in RFC 9110. No other file knows one. */
export const problemStatuses: Readonly<Record<ProblemKind, readonly [status: number, title: string]>> = {
  badRequest: [400, 'Bad Request'],
  unauthorized: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  notFound: [404, 'Not Found'],
  methodNotAllowed: [405, 'Method Not Allowed'],
  timeout: [408, 'Request Timeout'],
  tooLarge: [413, 'Content Too Large'],
  unsupportedType: [415, 'Unsupported Media Type'],
  tooMany: [429, 'Too Many Requests'],
  internal: [500, 'Internal Server Error'],
  unavailable: [503, 'Service Unavailable'],
  full: [503, 'Service Unavailable'],
};

/** One thing that is wrong with a request: where, and what. Exactly one of the places is there. */
export interface ProblemEntry {
  /** A place in the body: a JSON Pointer as the fragment of a URI (RFC 6901, 6). */
  readonly pointer?: string;
  /** A parameter of the query. */
  readonly parameter?: string;
  readonly header?: string;
  readonly reason: string;
}

/** A problem as it leaves (RFC 9457). */
export interface ProblemView {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly ProblemEntry[];
}

/** What goes with a problem beside its sentence. */
interface ProblemFacts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly ProblemEntry[];
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

  /** What is wrong with a parameter of the query. */
  static ofParameter(parameter: string, reason: string): Problem {
    return new Problem('badRequest', `${parameter} ${reason}`, { errors: [{ parameter, reason }] });
  }

  /** What is wrong with a header. */
  static ofHeader(kind: ProblemKind, header: string, reason: string): Problem {
    return new Problem(kind, `${header} ${reason}`, { errors: [{ header, reason }] });
  }

  /** What is wrong in the body. The path of the body itself is empty. */
  static ofBody(kind: ProblemKind, path: readonly (string | number)[], reason: string): Problem {
    const [first, ...others] = path;
    const name = first === undefined ? 'the body' : `${first}${others.map((each) => `[${each}]`).join('')}`;
    return new Problem(kind, `${name} ${reason}`, { errors: [{ pointer: pointerTo(path), reason }] });
  }

  /** That nothing can be done before a time. */
  static later(kind: 'tooMany' | 'unavailable' | 'full', detail: string, delayMs: number): Problem {
    const seconds = Math.max(1, Math.ceil(delayMs / 1_000));
    return new Problem(kind, detail, { headers: { 'retry-after': String(seconds) } });
  }
}

function pointerTo(path: readonly (string | number)[]): string {
  const parts = path.map((each) => String(each).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'));
  return `#${parts.map((each) => `/${encodeURIComponent(each)}`).join('')}`;
}

/** What is told about anything that was thrown. Of what is not expected, nothing. Never throws. */
export function problemOf(error: unknown): Problem {
  try {
    return expected(error) ?? fault();
  } catch {
    // What is thrown may be a Proxy, which throws when it is looked at.
    return fault();
  }
}

function expected(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof InvalidCursorError)
    return Problem.ofParameter('cursor', 'is not one that was given out here');
  if (error instanceof QueueFullError) return queueFull(error);
  if (error instanceof StoreUnavailableError)
    return Problem.later('unavailable', 'the store can not answer now', error.retryAfterMs);
  if (error instanceof StateError)
    return Problem.later('unavailable', 'the service is being stopped', shutDownRetryMs);
  return undefined;
}

function fault(): Problem {
  return new Problem('internal', 'the request could not be answered because of a fault in the service');
}

/** Of what no waiting helps no time is told. */
function queueFull({ message, retryAfterMs }: QueueFullError): Problem {
  if (retryAfterMs === undefined) return new Problem('tooMany', message);
  return Problem.later('tooMany', message, retryAfterMs);
}

/** A problem as it leaves. */
export function problemView({ kind, message, facts }: Problem): ProblemView {
  const [status, title] = problemStatuses[kind];
  const errors = facts.errors?.map((each): ProblemEntry => {
    const { reason, ...place } = each;
    const [[name = '', where = ''] = []] = Object.entries(place);
    return { [name]: harmless(where), reason: harmless(reason) };
  });
  const told = { type: 'about:blank', title, status, detail: harmless(message) } as const;
  return errors === undefined ? told : { ...told, errors };
}

/** A problem as an answer. */
export function problemAnswer(problem: Problem): Response {
  const view = problemView(problem);
  const headers = { 'content-type': 'application/problem+json', ...problem.facts.headers };
  return new Response(JSON.stringify(view), { status: view.status, headers });
}

/** Whether a problem is nobody's fault but ours, so that it belongs into the log. That too many ask is theirs. */
export function isOurs({ kind }: Problem): boolean {
  return problemStatuses[kind][0] >= 500 && kind !== 'full';
}

/** Some of what is told may be of the sender's making. */
function harmless(text: string): string {
  return foreignText(text, maxTextLength);
}
