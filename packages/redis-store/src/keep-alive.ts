import type { Redis } from 'ioredis';

const everyMs = 5_000;

/**
 * Notices a connection of which only our half is left, or never was more: nothing ever says so, and without this a
 * command would wait for ever. Answers the function that ends it. Keeps no process alive.
 */
export function keepAlive(client: Redis, timeoutMs: number): () => void {
  client.on('connect', () => endUnlessReady(client, timeoutMs));
  let isWaiting = false;
  const beat = setInterval(() => {
    if (client.status !== 'ready' || isWaiting) return;
    isWaiting = true;
    const late = setTimeout(() => client.stream.destroy(), timeoutMs);
    late.unref();
    void client
      .ping()
      .catch(() => {})
      .finally(() => {
        isWaiting = false;
        clearTimeout(late);
      });
  }, everyMs);
  beat.unref();
  return () => clearInterval(beat);
}

/** What took the connection need not be a Redis that answers; the time-out for connecting is over by then. */
function endUnlessReady(client: Redis, timeoutMs: number): void {
  const { stream } = client;
  const late = setTimeout(() => stream.destroy(), timeoutMs);
  late.unref();
  const settled = (): void => {
    clearTimeout(late);
    client.off('ready', settled);
    client.off('close', settled);
  };
  client.on('ready', settled);
  client.on('close', settled);
}
