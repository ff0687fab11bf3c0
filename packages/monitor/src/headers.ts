/**
 * What every answer carries. A page of ours runs its own script and style, asks its own origin and nobody else, and
 * stands in no frame; nothing of an answer is kept, and no other site may embed one.
 */
const common: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** The answer with these headers, as far as it has none of its own, and to HEAD without its body. */
export function sealed(answer: Response, method: string): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(common)) if (!headers.has(name)) headers.set(name, value);
  const bodyless = method === 'HEAD' || answer.body === null;
  return new Response(bodyless ? null : answer.body, { status: answer.status, headers });
}

/** What the application answers again and again is read once. A copy of each answer would hang on the one before. */
const bodies = new WeakMap<Response, Promise<ArrayBuffer>>();

/**
 * An answer of the application's own, such as its login: as it is, but that nobody keeps it instead of ours. The application
 * may answer with the same one again.
 */
export async function unkept(answer: Response): Promise<Response> {
  const { status, statusText, headers: given } = answer;
  const headers = new Headers(given);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  return new Response(await bodyOf(answer), { status, statusText, headers });
}

async function bodyOf(answer: Response): Promise<ArrayBuffer | null> {
  if (answer.body === null) return null;
  const body = bodies.get(answer) ?? answer.arrayBuffer();
  bodies.set(answer, body);
  return body;
}
