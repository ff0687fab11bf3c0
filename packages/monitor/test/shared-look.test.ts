import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { SharedLook, type Sighting } from '../src/live/shared-look.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A look at what `read` answers, each second, and what became of it. */
function looking(read: (look: number) => unknown, refreshMs = 1_000) {
  const facts = { looks: 0, seen: [] as Sighting[], faults: 0, ended: 0 };
  const look = new SharedLook({
    refreshMs,
    read: async () => {
      facts.looks += 1;
      return read(facts.looks);
    },
    looks: () => 1,
    onFault: () => {
      facts.faults += 1;
    },
    onEnd: () => {
      facts.ended += 1;
    },
  });
  const leave = look.watch((sighting) => facts.seen.push(sighting));
  return { look, facts, leave };
}

describe('a look that is shared', () => {
  it('is taken no more often than each 250 ms, however much happens', async () => {
    const { look, facts } = looking(() => 'same');
    await pass(0);
    for (let ms = 0; ms < 1_000; ms += 10) {
      look.hurry();
      await pass(10);
    }
    expect(facts.looks).toBe(5);
  });

  it('is taken at once after a change by us, and tells also what is as it was', async () => {
    const { look, facts } = looking(() => 'same');
    await pass(0);
    look.lookAgain();
    await pass(0);
    expect([facts.looks, facts.seen.map(({ json }) => json)]).toEqual([2, ['"same"', '"same"']]);
    await pass(999);
    expect(facts.looks).toBe(2);
    await pass(1);
    expect([facts.looks, facts.seen.length]).toEqual([3, 2]);
  });

  it('is taken once more after a change by us when it had begun before', async () => {
    const first = Promise.withResolvers<string>();
    const { look, facts } = looking((count) => (count === 1 ? first.promise : 'after'));
    look.lookAgain();
    look.lookAgain();
    await pass(0);
    expect(facts.looks).toBe(1);
    first.resolve('before');
    await pass(0);
    expect([facts.looks, facts.seen.map(({ json }) => json)]).toEqual([2, ['"before"', '"after"']]);
  });

  it('tells of a fault once for as long as it is the same, and once more when it comes again', async () => {
    const { look, facts } = looking((count) => {
      if (count === 5) return 'well';
      throw new Error('a fault');
    });
    await pass(2_000);
    look.lookAgain();
    await pass(0);
    expect([facts.looks, facts.faults]).toEqual([4, 1]);
    await pass(3_000);
    expect([facts.looks, facts.faults]).toEqual([7, 2]);
  });

  it('ends with the last who watches, and leaves no timer behind', async () => {
    const { facts, leave } = looking(() => 'same');
    await pass(0);
    leave();
    await pass(0);
    expect([facts.ended, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it.each([
    ['alone, ten times as long as it took', 1, 3_000],
    ['as one of five, fifty times as long', 5, 15_000],
    ['as one of very many, half a minute and no longer', 500, 30_000],
  ])('rests %s, from when its turn came', async (_what, looks, restMs) => {
    let taken = 0;
    const look = new SharedLook({
      refreshMs: 1_000,
      read: async ({ onTurn }) => {
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        onTurn?.();
        taken += 1;
        await new Promise((resolve) => setTimeout(resolve, 300));
      },
      looks: () => looks,
      onFault: () => {},
      onEnd: () => {},
    });
    look.watch(() => {});
    await pass(5_300);
    look.hurry();
    await pass(restMs + 4_999);
    expect(taken).toBe(1);
    await pass(1);
    expect(taken).toBe(2);
    look.lookAgain();
    await pass(300 + 5_000);
    expect(taken).toBe(3);
  });

  it('is given up when nobody watches any more, and whoever comes meanwhile is told what there is', async () => {
    let looks = 0;
    const look = new SharedLook({
      refreshMs: 1_000,
      read: ({ signal }) => {
        looks += 1;
        if (looks > 1) return Promise.resolve('well');
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('left'))));
      },
      looks: () => 1,
      onFault: () => {},
      onEnd: () => {},
    });
    const seen: string[] = [];
    look.watch(() => {})();
    look.watch(({ json }) => seen.push(json));
    await pass(0);
    expect(seen).toEqual(['"well"']);
  });

  it('goes on whatever is thrown, and whoever throws', async () => {
    const hostile = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error('not even this');
        },
      },
    );
    const facts = { looks: 0, seen: [] as string[] };
    const look = new SharedLook({
      refreshMs: 1_000,
      read: async () => {
        facts.looks += 1;
        if (facts.looks < 3) throw hostile;
        return 'well';
      },
      looks: () => 1,
      onFault: () => {
        throw hostile;
      },
      onEnd: () => {},
    });
    look.watch(({ event }) => facts.seen.push(event));
    await pass(2_000);
    expect([facts.looks, facts.seen]).toEqual([3, ['trouble', 'change']]);
  });
});
