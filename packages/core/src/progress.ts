/**
 * Lets through the first, the last, and between them at most one call every `everyMs`.
 * @param report Is told how many bytes have gone.
 */
export function limitProgress(
  totalBytes: number,
  everyMs: number,
  report: (sentBytes: number) => void,
): (sentBytes: number) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (sentBytes) => {
    const now = performance.now();
    if (sentBytes < totalBytes && now - reportedAt < everyMs) return;
    reportedAt = now;
    report(sentBytes);
  };
}
