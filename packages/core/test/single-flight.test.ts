import { describe, expect, it } from 'vitest';

import { type Joined, SingleFlight } from '../src/single-flight.ts';

const { signal } = new AbortController();

async function endOf(joined: Promise<Joined<string>>): Promise<(found?: string) => void> {
  const had = await joined;
  return 'end' in had ? had.end : expect.fail('it was found');
}

/** What has happened by the time that nothing is left to do. */
async function soFar<Value>(promise: Promise<Value>): Promise<Value | 'waits'> {
  const later = new Promise<'waits'>((resolve) => setImmediate(resolve, 'waits'));
  return Promise.race([promise, later]);
}

describe('a single flight', () => {
  it('is waited for by all who come meanwhile, and what it finds is found by all of them', async () => {
    const flights = new SingleFlight<string>();
    const end = await endOf(flights.join('a', signal));
    const waiting = [flights.join('a', signal), flights.join('a', signal)];
    for (const each of waiting) expect(await soFar(each)).toBe('waits');
    end('the link');
    expect(await Promise.all(waiting)).toEqual([{ found: 'the link' }, { found: 'the link' }]);
    expect(await soFar(flights.join('a', signal))).toHaveProperty('end');
  });

  it('that finds nothing lets all who waited go on beside one another, and one of them is waited for', async () => {
    const flights = new SingleFlight<string>();
    const end = await endOf(flights.join('a', signal));
    const waiting = [flights.join('a', signal), flights.join('a', signal), flights.join('a', signal)];
    end();
    const ends = await Promise.all(waiting.map(endOf));
    const newcomer = flights.join('a', signal);
    ends[2]?.('of no consequence');
    ends[1]?.();
    expect(await soFar(newcomer)).toBe('waits');
    ends[0]?.('the link');
    expect(await soFar(newcomer)).toEqual({ found: 'the link' });
  });

  it('that ends twice ends nobody else’s', async () => {
    const flights = new SingleFlight<string>();
    const end = await endOf(flights.join('a', signal));
    end();
    await flights.join('a', signal);
    end();
    expect(await soFar(flights.join('a', signal))).toBe('waits');
  });

  it('is not waited for by what goes by another name', async () => {
    const flights = new SingleFlight<string>();
    await flights.join('a', signal);
    expect(await soFar(flights.join('b', signal))).not.toBe('waits');
  });

  it('is waited for no longer than until the signal aborts, and nobody is held up by that', async () => {
    const flights = new SingleFlight<string>();
    const abort = new AbortController();
    const end = await endOf(flights.join('a', signal));
    const second = flights.join('a', abort.signal);
    const third = flights.join('a', signal);
    const reason = new Error('drain');
    abort.abort(reason);
    await expect(second).rejects.toBe(reason);
    await expect(flights.join('b', abort.signal)).rejects.toBe(reason);
    end();
    expect(await soFar(third)).not.toBe('waits');
  });
});
