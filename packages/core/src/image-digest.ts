import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A turn of the event loop hashes so much: half a millisecond where SHA-256 is in the processor, a few where not. */
const bytesPerTurn = 1024 * 1024;

/**
 * A digest of an image and of what is asked of the host with it. Hashed where it lies, a part in each turn of the event
 * loop: `subtle.digest` leaves the thread, but wants the body in one piece and copies it twice, which holds the loop up
 * for longer than hashing it. Rejects when the signal aborts.
 */
export async function imageDigest(
  chunks: readonly Uint8Array[],
  about: unknown,
  signal: AbortSignal,
): Promise<string> {
  // JSON has no such byte, so nothing else begins like this.
  const hash = createHash('sha256').update(`${JSON.stringify(about)}\0`);
  let left = bytesPerTurn;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (left === 0) left = await nextTurn(bytesPerTurn, { signal });
      const part = chunk.subarray(at, at + left);
      hash.update(part);
      at += part.length;
      left -= part.length;
    }
  }
  return hash.digest('base64url');
}
