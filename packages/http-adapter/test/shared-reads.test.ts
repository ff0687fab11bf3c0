import { describe, expect, it } from 'vitest';

import { SharedReads } from '../src/shared-reads.ts';

/** Reads that end when they are told to, each with its number. */
function byHand() {
  const reads: PromiseWithResolvers<number>[] = [];
  const read = (): Promise<number> => {
    const begun = Promise.withResolvers<number>();
    reads.push(begun);
    return begun.promise;
  };
  return { shared: new SharedReads<number>(), read, reads };
}

describe('a shared read', () => {
  it('gives nobody what was read before it asked, and is shared by those who asked meanwhile', async () => {
    const { shared, read, reads } = byHand();
    const first = shared.read('a', read);
    const later = [shared.read('a', read), shared.read('a', read)];
    expect(reads).toHaveLength(1);
    reads[0]?.resolve(1);
    expect(await first).toBe(1);
    await expect.poll(() => reads.length).toBe(2);
    reads[1]?.resolve(2);
    expect(await Promise.all(later)).toEqual([2, 2]);
    void shared.read('a', read);
    expect(reads).toHaveLength(3);
  });

  it('is of one name', () => {
    const { shared, read, reads } = byHand();
    void shared.read('a', read);
    void shared.read('b', read);
    expect(reads).toHaveLength(2);
  });

  it('that fails fails only those who asked for it', async () => {
    const { shared, read, reads } = byHand();
    const first = shared.read('a', read);
    const next = shared.read('a', read);
    reads[0]?.reject(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    await expect.poll(() => reads.length).toBe(2);
    reads[1]?.resolve(2);
    expect(await next).toBe(2);
  });
});
