/** A body that tells when it breaks. Leaving it reaches what is inside at once, also while a chunk is waited for. */
export function watchedBody<Chunk>(
  body: AsyncIterable<Chunk>,
  onError: (error: unknown) => void,
): AsyncIterable<Chunk> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<Chunk> {
      const chunks = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            return await chunks.next();
          } catch (error) {
            onError(error);
            throw error;
          }
        },
        async return() {
          await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
