import type { Redis } from 'ioredis';

/**
 * Has a connection that nobody uses say something now and then: that it is dead is noticed by a command that is not
 * answered (`socketTimeout`), and by nothing else. Answers the function that ends it. Keeps no process alive.
 */
export function keepAlive(client: Redis, everyMs: number): () => void {
  const beat = setInterval(() => {
    if (client.status === 'ready') client.ping().catch(() => {});
  }, everyMs);
  beat.unref();
  return () => clearInterval(beat);
}
