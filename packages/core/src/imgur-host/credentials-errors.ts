import { redactError } from '../redact-error.ts';
import { TransferError } from '../transfer-error.ts';
import { closedGate, type ImgurBuckets } from './imgur-buckets.ts';
import { credentialsPauseMs } from './imgur-refusal.ts';

/** An upload that met a store of tokens which fails comes back so much later. */
const storeFailurePauseMs = 30_000;
/** In place of what an application's store of tokens says when it fails: it may name tokens that are not known here. */
const withheld = '(its words are withheld, because they may hold tokens)';

/** Imgur does not accept the credentials: everybody has the same ones, so all wait. */
export function credentialsRefusal(buckets: ImgurBuckets, fact: string): TransferError {
  return new TransferError('host_credentials', fact, {
    retryAfterMs: credentialsPauseMs,
    reading: closedGate(buckets, credentialsPauseMs, 'credentials'),
  });
}

/** The application's store of tokens failed. That of another process may work, so this upload alone waits. */
export function tokenStoreFailure(fact: string, cause?: unknown): TransferError {
  return new TransferError('host_credentials', fact, {
    cause: cause === undefined ? undefined : redactError(cause, () => withheld),
    retryAfterMs: storeFailurePauseMs,
  });
}

/** Imgur's own refusals pause everybody, and `again` waits for nothing. */
export function isTokenStoreFailure(error: unknown): boolean {
  return (
    error instanceof TransferError &&
    error.code === 'host_credentials' &&
    error.retry === 'wait' &&
    error.reading === undefined
  );
}
