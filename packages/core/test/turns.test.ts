import { describe, expect, it } from 'vitest';

import { type Turn, Turns } from '../src/turns.ts';

const { signal } = new AbortController();

async function turnOf(turn: Promise<Turn>): Promise<Extract<Turn, { end: unknown }>['end']> {
  const had = await turn;
  return 'end' in had ? had.end : expect.fail('it was found');
}

/** What has happened by the time that nothing is left to do. */
async function soFar<Value>(promise: Promise<Value>): Promise<Value | 'waits'> {
  const later = new Promise<'waits'>((resolve) => setImmediate(resolve, 'waits'));
  return Promise.race([promise, later]);
}

describe('a turn', () => {
  it('is had by one at a time, and passes on when it ends', async () => {
    const turns = new Turns();
    const end = await turnOf(turns.take('a', signal));
    const second = turns.take('a', signal);
    const third = turns.take('a', signal);
    expect(await soFar(second)).toBe('waits');
    end();
    const endSecond = await turnOf(second);
    expect(await soFar(third)).toBe('waits');
    endSecond();
    expect(await soFar(third)).not.toBe('waits');
  });

  it('is had by nobody who waited for what was found, and by the first who comes after', async () => {
    const turns = new Turns();
    const end = await turnOf(turns.take('a', signal));
    const waiting = [turns.take('a', signal), turns.take('a', signal)];
    end('the link');
    expect(await Promise.all(waiting)).toEqual([{ found: 'the link' }, { found: 'the link' }]);
    expect(await soFar(turns.take('a', signal))).toHaveProperty('end');
  });

  it('that ends twice ends nobody else’s', async () => {
    const turns = new Turns();
    const end = await turnOf(turns.take('a', signal));
    end();
    await turns.take('a', signal);
    end();
    expect(await soFar(turns.take('a', signal))).toBe('waits');
  });

  it('is not waited for by what goes by another name', async () => {
    const turns = new Turns();
    await turns.take('a', signal);
    expect(await soFar(turns.take('b', signal))).not.toBe('waits');
  });

  it('is waited for no longer than until the signal aborts, and nobody is held up by that', async () => {
    const turns = new Turns();
    const abort = new AbortController();
    const end = await turnOf(turns.take('a', signal));
    const second = turns.take('a', abort.signal);
    const third = turns.take('a', signal);
    const reason = new Error('drain');
    abort.abort(reason);
    await expect(second).rejects.toBe(reason);
    await expect(turns.take('b', abort.signal)).rejects.toBe(reason);
    end();
    expect(await soFar(third)).not.toBe('waits');
  });
});
