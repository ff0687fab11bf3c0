import type { HttpRequest } from './http-exchange.ts';
import { Problem } from './problem.ts';

/**
 * Refuses a body that does not say it is JSON in UTF-8, as it is. Parameters other than `charset` mean nothing for
 * JSON (RFC 8259, 11) and are passed over.
 */
export function requireJson(request: HttpRequest): void {
  const [type, ...parameters] = (request.header('content-type') ?? '').toLowerCase().split(';');
  if (type?.trim() !== 'application/json')
    throw Problem.at('unsupportedType', { header: 'Content-Type' }, 'must be application/json');
  if (!parameters.every(isHarmless))
    throw Problem.at('unsupportedType', { header: 'Content-Type' }, 'must have no charset but utf-8');
  if ((request.header('content-encoding') ?? 'identity').toLowerCase() !== 'identity')
    throw Problem.at(
      'unsupportedType',
      { header: 'Content-Encoding' },
      'is not taken: send the body as it is',
    );
}

function isHarmless(parameter: string): boolean {
  const [name, value] = parameter.split('=');
  return name?.trim() !== 'charset' || /^\s*"?utf-8"?\s*$/.test(value ?? '');
}
