import type { HttpRequest } from './http-exchange.ts';
import { Problem } from './problem.ts';

/**
 * Refuses a body that does not say it is JSON in UTF-8, as it is. Parameters other than `charset` mean nothing for
 * JSON (RFC 8259, 11) and are passed over.
 */
export function requireJson(request: HttpRequest): void {
  const [type, ...parameters] = (request.header('content-type') ?? '').toLowerCase().split(';');
  if (type?.trim() !== 'application/json')
    throw new Problem('unsupportedType', 'the Content-Type must be application/json');
  if (!parameters.every(isHarmless)) throw new Problem('unsupportedType', 'the charset must be utf-8');
  if ((request.header('content-encoding') ?? 'identity').toLowerCase() !== 'identity')
    throw new Problem('unsupportedType', 'the body must not be compressed: no Content-Encoding is taken');
}

function isHarmless(parameter: string): boolean {
  const [name, value] = parameter.split('=');
  return name?.trim() !== 'charset' || /^\s*"?utf-8"?\s*$/.test(value ?? '');
}
