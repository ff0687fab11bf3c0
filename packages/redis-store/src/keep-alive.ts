import type { Redis } from 'ioredis';

const everyMs = 5_000;

/**
 * Notices a connection of which only our half is left: nothing ever says so, and without this a command would wait for
 * ever. Answers the function that ends it. Keeps no process alive.
 */
export function keepAlive(client: Redis, timeoutMs: number): () => void {
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
