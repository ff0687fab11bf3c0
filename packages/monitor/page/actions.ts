import type { Problem } from './reading.ts';

/** What came of an action: what the server answers, or a sentence that says why not. */
export type ActionResult<Value> =
  | { readonly status: 'done'; readonly value: Value }
  | { readonly status: 'refused'; readonly sentence: string };

/** Asks the server to do something. `path` is below `api/`. Never rejects. */
export async function act<Value = unknown>(path: string, body?: unknown): Promise<ActionResult<Value>> {
  return ask<Value>(path, {
    method: 'POST',
    headers: {
      'x-imgferry-monitor': '1',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Reads something once. Never rejects. */
export async function readOnce<Value>(path: string, signal?: AbortSignal): Promise<ActionResult<Value>> {
  const cancel = signal === undefined ? {} : { signal };
  return ask<Value>(path, { headers: { 'x-imgferry-monitor': '1' }, ...cancel });
}

async function ask<Value>(path: string, request: RequestInit): Promise<ActionResult<Value>> {
  try {
    const response = await fetch(`api/${path}`, {
      ...request,
      credentials: 'same-origin',
      redirect: 'manual',
    });
    if (isLogin(response)) return { status: 'refused', sentence: sentenceOf(signedOut) };
    if (response.ok) return { status: 'done', value: (await response.json()) as Value };
    return { status: 'refused', sentence: sentenceOf(await problemOf(response)) };
  } catch {
    return {
      status: 'refused',
      sentence: 'The monitor did not answer. Whether anything was changed shows when the connection is back.',
    };
  }
}

const signedOut: Problem = { status: 401, title: '' };

/** Whoever is no longer signed in may be sent to where one signs in, or be shown it: no answer of the monitor is either. */
function isLogin({ type, ok, headers }: Response): boolean {
  const kind = headers.get('content-type') ?? '';
  return type === 'opaqueredirect' || (ok && !/^(application\/json|text\/event-stream)\b/.test(kind));
}

/** What a path below `api/` is answered with; undefined without an answer. Never rejects. */
export async function answerOf(path: string): Promise<Problem | undefined> {
  try {
    const response = await fetch(`api/${path}`, { redirect: 'manual' });
    if (isLogin(response)) return signedOut;
    if (!response.ok) return await problemOf(response);
    // It may be a stream, of which nobody would see the end.
    await response.body?.cancel();
    return { status: response.status, title: '' };
  } catch {
    return undefined;
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const { status, statusText } = response;
  try {
    return { title: statusText, ...((await response.json()) as Partial<Problem>), status };
  } catch {
    return { status, title: statusText };
  }
}

/** A problem in words: what it means for who asked, then what the server says. */
export function sentenceOf({ status, title, detail }: Problem): string {
  if (status === 401) return 'You are not signed in any more. Reload the page to sign in.';
  // By HTTP/2 a status has no words.
  const said = detail ?? (title === '' ? `status ${status}` : title);
  if (status === 403) return `This is not allowed to you: ${said}.`;
  if (status === 404) return `It is not there any more: ${said}.`;
  if (status === 503)
    return `The store can not be reached: ${said}. Whether this was done shows when it is back.`;
  return `The monitor refused: ${said}.`;
}
