/**
 * Waits, but no longer than for so many milliseconds: then it comes to what `late` answers or throws. What is awaited
 * goes on without us.
 */
export async function inTime<T, Late>(
  promise: Promise<T>,
  timeoutMs: number,
  late: () => Late,
): Promise<T | Late> {
  const time = Promise.withResolvers<void>();
  const timer = setTimeout(time.resolve, timeoutMs);
  try {
    return await Promise.race([promise, time.promise.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
