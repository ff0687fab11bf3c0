import type { JsonSchema } from './schemas.ts';

/** The headers of answers that a client has to read. */
export type HeaderName = 'Location' | 'Link' | 'Retry-After' | 'Allow' | 'ETag' | 'Content-Disposition';

/** Each of them as the document has it. */
export const headers: Readonly<Record<HeaderName, JsonSchema>> = {
  Location: {
    description: 'The path of the job, with the prefix that the endpoints are mounted under.',
    required: true,
    schema: { type: 'string', pattern: '^/' },
    example: '/v1/images/upload/55355b7c-9b86-4a1a-b32e-6cdd6db07183',
  },
  Link: {
    description: 'Leads to the next page (RFC 8288). The last page has none.',
    schema: { type: 'string', pattern: '^</[^>]*>; rel="next"$' },
    example: '</v1/images?limit=100&cursor=100>; rel="next"',
  },
  'Retry-After': {
    description: 'When to come back, in seconds.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
    example: 2,
  },
  Allow: {
    description: 'The methods of this path.',
    required: true,
    schema: { type: 'string', pattern: '^[A-Z]+(, [A-Z]+)*$' },
    example: 'GET, HEAD',
  },
  'Content-Disposition': {
    description: 'CSV is to be kept as a file that is named after the job.',
    schema: { type: 'string', pattern: '^attachment; filename="[0-9a-f-]{36}\\.csv"$' },
    example: 'attachment; filename="55355b7c-9b86-4a1a-b32e-6cdd6db07183.csv"',
  },
  ETag: {
    description: 'Changes when the document does. Sent back as If-None-Match it saves the answer.',
    required: true,
    schema: { type: 'string', pattern: '^"[^"]+"$' },
    example: '"7LnGbTpPkTyuLzv5lCWS1g"',
  },
};
