import { parseRetryAfter } from '../retry-after.ts';
import { TransferError } from '../transfer-error.ts';
import type { ResponseHeaders } from './http-exchange.ts';

/** An answer whose body is still to come. */
export interface Answer {
  readonly status: number;
  readonly headers: ResponseHeaders;
}

/** Statuses that pass by themselves, beside 5xx. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** What a source asks for is not waited for in a slot, unless it is less than this. */
const longestInSlotMs = 2_000;
/** No source is granted more. */
const longestRetryAfterMs = 3_600_000;

/** How long the source asks to be left alone, in milliseconds. */
export function askedPauseMs(headers: ResponseHeaders): number | undefined {
  const header = headers['retry-after'];
  return parseRetryAfter(typeof header === 'string' ? header : header?.[0], Date.now());
}

/**
 * Refuses an answer that can not hold an image: by its status, its encoding or its announced length.
 * @param maxBytes The most that is taken, by type, which is not known yet.
 * @param pauseMs For how long its host is left alone because of it.
 * @returns the announced length; `undefined` when there is none and only the end of the body tells.
 * @throws TransferError
 */
export function checkResponse(
  { status, headers }: Answer,
  maxBytes: Readonly<Record<string, number>>,
  pauseMs: number,
): number | undefined {
  checkStatus(status, headers, pauseMs);
  checkEncoding(headers);
  const bytes = announcedBytes(headers);
  if (bytes === 0) throw emptyBody(status);
  if (bytes !== undefined) checkSize(bytes, maxBytes);
  return bytes;
}

/** The source answered, and there is nothing in it. */
export function emptyBody(status: number): TransferError {
  return new TransferError('empty_body', `the source answered ${status} without a body`);
}

/** @param size As far as it is known, as in `2000 bytes`. */
export function tooLarge(size: string, maxBytes: number): TransferError {
  return new TransferError(
    'too_large',
    `the image has ${size}; ${maxBytes} bytes are the most that are taken`,
  );
}

function checkSize(bytes: number, maxBytes: Readonly<Record<string, number>>): void {
  for (const type in maxBytes) if (bytes <= (maxBytes[type] ?? 0)) return;
  throw tooLarge(`${bytes} bytes`, Math.max(0, ...Object.values(maxBytes)));
}

function checkStatus(status: number, headers: ResponseHeaders, pauseMs: number): void {
  if (passing.has(status) || status >= 500) throw unavailable(status, headers, pauseMs);
  if (status === 204 || status === 205) throw emptyBody(status);
  // 206 was not asked for, and would be a part of an image.
  if (status >= 300 || status === 206)
    throw new TransferError('source_status', `the source answered with status ${status}`);
}

function unavailable(status: number, headers: ResponseHeaders, pauseMs: number): TransferError {
  const askedMs = askedPauseMs(headers);
  const retryAfterMs = Math.min(Math.max(askedMs ?? 0, pauseMs), longestRetryAfterMs);
  const message = `the source answered with status ${status}`;
  if (askedMs === undefined && pauseMs === 0) return new TransferError('source_unavailable', message);
  const retry = retryAfterMs > longestInSlotMs ? 'later' : 'soon';
  return new TransferError('source_unavailable', message, { retryAfterMs, retry });
}

/** Every layer counts, those of Transfer-Encoding too; `chunked` alone is framing, not compression. */
function checkEncoding(headers: ResponseHeaders): void {
  if (headers['content-encoding'] === undefined && headers['transfer-encoding'] === undefined) return;
  const layers = [...tokens(headers['content-encoding']), ...tokens(headers['transfer-encoding'])];
  if (layers.every((layer) => layer === 'identity' || layer === 'chunked')) return;
  throw new TransferError('encoded_body', 'the source encoded the body although it was asked for identity');
}

function tokens(header: string | readonly string[] | undefined): readonly string[] {
  const text = Array.isArray(header) ? header.join(',') : String(header ?? '');
  return text
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '');
}

function announcedBytes(headers: ResponseHeaders): number | undefined {
  const length = headers['content-length'];
  if (length === undefined) return undefined;
  if (typeof length !== 'string' || !/^\d{1,15}$/.test(length))
    throw new TransferError('bad_response', 'the source announced a length that is no number');
  return Number(length);
}
