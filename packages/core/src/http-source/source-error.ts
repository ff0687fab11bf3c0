import { maxHeaderSize } from 'node:http';

import { errors } from 'undici';

import type { FailureCode } from '../failure.ts';
import { TransferError, type TransferErrorFacts } from '../transfer-error.ts';

type Row = readonly [codes: RegExp, failure: FailureCode, message: string, facts?: TransferErrorFacts];

// By `code`, the first that fits. Codes of certificates are OpenSSL's X509_V_ERR_ names.
const rows: readonly Row[] = [
  [/^(ENOTFOUND|ENODATA|ENONAME|EBADNAME)$/, 'host_not_found', 'the host name of the URL has no address'],
  [
    // The codes of getaddrinfo, and those of c-ares for a resolver of one's own.
    /^(EAI_\w+|ESERVFAIL|EREFUSED|EFORMERR|EBADRESP|ENOTIMP)$/,
    'source_unreachable',
    'the host name of the URL can not be looked up for now',
  ],
  [/^(ETIMEOUT|ECANCELLED)$/, 'source_timeout', 'the host name of the URL could not be looked up in time'],
  [
    /^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/,
    'source_timeout',
    'no connection to the source came about in time',
  ],
  [
    /^(CERT|CRL)_|^UNABLE_TO_|^DEPTH_ZERO_|^SELF_SIGNED_/,
    'source_tls',
    'the certificate of the source can not be trusted',
  ],
  [
    /^(HOSTNAME_MISMATCH|ERR_TLS_CERT_\w+)$/,
    'source_tls',
    'the certificate of the source is for another name',
  ],
  [
    // Node knows no name for the rest, such as a key that is too short: it says UNSPECIFIED.
    /^(INVALID_|PATH_LENGTH_|ERROR_IN_CERT_|UNSPECIFIED$)/,
    'source_tls',
    'the certificate of the source is not valid',
  ],
  [/^(ERR_SSL_|ERR_TLS_|EPROTO$)/, 'source_tls', 'the source does not speak TLS as it should'],
  [
    /^UND_ERR_HEADERS_OVERFLOW$/,
    'bad_response',
    `the source sent more than ${maxHeaderSize} bytes of headers`,
  ],
  [
    // undici takes for granted what its parser does not see to, such as a status from 100 on.
    /^HPE_|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$|^ERR_ASSERTION$/,
    'bad_response',
    'the source sent something that is not HTTP',
  ],
  [/^UND_ERR_(DESTROYED|CLOSED)$/, 'source_unreachable', 'the source of images was closed meanwhile'],
  [
    // Ours and not the source's: it costs no attempt.
    /^(EMFILE|ENFILE)$/,
    'source_busy',
    'this process has no file descriptor left for a connection',
    { retryAfterMs: 1_000 },
  ],
  [/^UND_ERR_SOCKET$/, 'source_unreachable', 'the source closed the connection without an answer'],
  [/^E[A-Z0-9]+$/, 'source_unreachable', 'the connection to the source failed'],
];

/** How a body that ends early shows: a closed connection, a length that was not reached, a chunk that never came. */
const earlyEnd = /^(UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_INVALID_EOF_STATE)$/;

/**
 * Says what an error of undici or Node means for an image. What is ours already, and what no network causes, comes
 * back as it is.
 * @param inBody The answer had begun, so that a closed connection cuts the image short.
 */
export function sourceError(error: unknown, inBody: boolean): unknown {
  if (error instanceof TransferError) return error;
  const code = codeOf(error);
  if (inBody && earlyEnd.test(code))
    return new TransferError('truncated', 'the source ended the image early');
  const row = rows.find(([codes]) => codes.test(code));
  if (row === undefined) return error;
  const [, failure, message, facts] = row;
  return new TransferError(failure, `${message} (${code})`, { ...facts, ...causeOf(error, code) });
}

function codeOf(error: unknown): string {
  if (error instanceof errors.HTTPParserError) return parserCode(error);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** undici gives its parser's errors no code of their own; the parser's fixed words for what is wrong are in brackets. */
function parserCode({ message }: Error): string {
  const words = /\(([A-Za-z -]{1,60})/.exec(message)?.[1] ?? 'INVALID';
  return `HPE_${words.trim().replace(/[ -]+/g, '_').toUpperCase()}`;
}

/** A parser's error carries raw bytes of the answer, which belong in no log. */
function causeOf(error: unknown, code: string): { cause?: unknown } {
  return code.startsWith('HPE_') ? {} : { cause: error };
}
