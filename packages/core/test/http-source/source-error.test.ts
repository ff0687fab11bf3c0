import { errors } from 'undici';
import { describe, expect, test } from 'vitest';

import { sourceError } from '../../src/http-source/source-error.ts';
import { TransferError } from '../../src/transfer-error.ts';

const withCode = (code: string): Error => Object.assign(new Error('secret words'), { code });

describe('an error of the network', () => {
  test.each([
    ['ENOTFOUND', 'host_not_found'],
    ['EBADNAME', 'host_not_found'],
    ['EAI_AGAIN', 'source_unreachable'],
    ['EAI_FAIL', 'source_unreachable'],
    ['ESERVFAIL', 'source_unreachable'],
    ['EREFUSED', 'source_unreachable'],
    ['ETIMEOUT', 'source_timeout'],
    ['ECANCELLED', 'source_timeout'],
    ['ECONNREFUSED', 'source_unreachable'],
    ['ECONNRESET', 'source_unreachable'],
    ['EHOSTUNREACH', 'source_unreachable'],
    ['ENETUNREACH', 'source_unreachable'],
    ['EPIPE', 'source_unreachable'],
    ['EMFILE', 'source_busy'],
    ['ENFILE', 'source_busy'],
    ['ETIMEDOUT', 'source_timeout'],
    ['UND_ERR_CONNECT_TIMEOUT', 'source_timeout'],
    ['UND_ERR_SOCKET', 'source_unreachable'],
    ['UND_ERR_DESTROYED', 'source_unreachable'],
    ['UND_ERR_HEADERS_OVERFLOW', 'bad_response'],
    ['ERR_ASSERTION', 'bad_response'],
    ['CERT_HAS_EXPIRED', 'source_tls'],
    ['CERT_NOT_YET_VALID', 'source_tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'source_tls'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'source_tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'source_tls'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'source_tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'source_tls'],
    ['HOSTNAME_MISMATCH', 'source_tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'source_tls'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'source_tls'],
    ['EPROTO', 'source_tls'],
    ['INVALID_PURPOSE', 'source_tls'],
    ['UNSPECIFIED', 'source_tls'],
  ])('%s means %s', (code, failure) => {
    const error = sourceError(withCode(code), false);
    expect(error).toBeInstanceOf(TransferError);
    expect(error).toMatchObject({ code: failure, message: expect.stringContaining(code) });
    expect((error as Error).message).not.toContain('secret');
  });

  test.each(['EMFILE', 'ENFILE'])('%s is ours: it is waited for, a second each time', (code) => {
    expect(sourceError(withCode(code), false)).toMatchObject({ retry: 'wait', retryAfterMs: 1_000 });
  });

  test.each(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'])(
    '%s in a body means truncated',
    (code) => expect(sourceError(withCode(code), true)).toMatchObject({ code: 'truncated' }),
  );

  test('of the parser says what is wrong and carries none of the bytes', () => {
    const words = 'Response does not match the HTTP/1.1 protocol (Expected HTTP/)';
    const parser = Object.assign(new errors.HTTPParserError(words), { data: 'secret' });
    const error = sourceError(parser, false) as TransferError;
    expect(error.message).toBe('the source sent something that is not HTTP (HPE_EXPECTED_HTTP)');
    expect(error.cause).toBeUndefined();
  });

  test('that is none is left as it is', () => {
    for (const error of [
      new TypeError('a bug'),
      withCode('UND_ERR_INVALID_ARG'),
      new TransferError('truncated', 'short'),
      'text',
    ])
      expect(sourceError(error, true)).toBe(error);
  });
});
