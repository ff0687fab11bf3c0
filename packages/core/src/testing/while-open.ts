import type { ServerResponse } from 'node:http';

/** Waits for something, at most until the connection is closed. */
export async function whileOpen(
  response: ServerResponse,
  wait: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  if (response.destroyed) return;
  const closed = new AbortController();
  const onClose = (): void => closed.abort();
  response.once('close', onClose);
  try {
    await wait(closed.signal);
  } catch (error) {
    if (!closed.signal.aborted) throw error;
  } finally {
    response.off('close', onClose);
  }
}
