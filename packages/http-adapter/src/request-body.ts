import type { HttpRequest } from './http-exchange.ts';
import { Problem } from './problem.ts';

/** What a body has to keep to. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
}

/** Reads a whole body, and not one chunk more when it is too large or too slow. */
export async function readBody(request: HttpRequest, limits: BodyLimits): Promise<Uint8Array> {
  if (Number(request.header('content-length')) > limits.maxBodyBytes) throw tooLarge(limits);
  const chunks = request.body()[Symbol.asyncIterator]();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    leave(chunks);
  }, limits.bodyTimeoutMs);
  try {
    const body = await collect(chunks, limits);
    if (late) throw tooSlow(limits);
    return body;
  } finally {
    clearTimeout(timer);
    leave(chunks);
  }
}

async function collect(chunks: AsyncIterator<Uint8Array>, limits: BodyLimits): Promise<Uint8Array> {
  const collected: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await chunks.next().catch(brokeOff);
    if (done) return Buffer.concat(collected);
    bytes += value.byteLength;
    if (bytes > limits.maxBodyBytes) throw tooLarge(limits);
    collected.push(value);
  }
}

/** Nobody waits for this, and a body that is already broken has nothing more to say. */
function leave(chunks: AsyncIterator<Uint8Array>): void {
  chunks.return?.().catch(() => {});
}

function brokeOff(error: unknown): never {
  throw error instanceof Problem ? error : Problem.at('badRequest', { path: [] }, 'broke off before its end');
}

function tooLarge({ maxBodyBytes }: BodyLimits): Problem {
  return Problem.at('tooLarge', { path: [] }, `is larger than ${maxBodyBytes} bytes`, closing);
}

function tooSlow({ bodyTimeoutMs }: BodyLimits): Problem {
  return new Problem('timeout', `the body did not arrive within ${bodyTimeoutMs} ms`, closing);
}

/** What is still on its way would be taken for the next request. */
const closing = { headers: { connection: 'close' } };
