/**
 * Reads a Retry-After header, seconds or a date (RFC 9110 §10.2.3), as milliseconds from `nowMs`: 0 for a date that
 * has passed, `undefined` when there is none or it can not be read. What to do with a large one is the caller's to say.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,12}$/.test(text)) return Number(text) * 1_000;
  // Date.parse takes far more than an HTTP date, "-5" and "1.5" among it.
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
