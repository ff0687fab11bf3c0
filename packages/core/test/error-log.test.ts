import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ErrorLog } from '../src/error-log.ts';
import { StoreUnavailableError } from '../src/errors.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

interface Line {
  readonly level: string;
  readonly facts: object;
  readonly message: string;
}

function logWithLines(): { log: ErrorLog; lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (facts: object, message: string) =>
    void lines.push({ level, facts, message });
  const log = new ErrorLog({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') });
  return { log, lines };
}

it('an outage of the store is said aloud once a minute, with how many errors it made since', () => {
  const { log, lines } = logWithLines();
  const error = new StoreUnavailableError('Redis does not answer');
  for (const during of ['claiming uploads', 'extending leases', 'claiming uploads'])
    log.log({ error, during });
  vi.advanceTimersByTime(60_000);
  log.log({ error, during: 'claiming uploads' });
  const aloud = lines.filter(({ level }) => level === 'error');
  const err = expect.objectContaining({ message: 'Redis does not answer', code: 'store_unavailable' });
  expect(aloud.map(({ facts }) => facts)).toEqual([
    { err, during: 'claiming uploads' },
    { err, during: 'claiming uploads', errorsSince: 2 },
  ]);
  expect(new Set(aloud.map(({ message }) => message))).toEqual(
    new Set(['the store is away; work goes on when it is back']),
  );
  expect(lines.filter(({ level }) => level === 'debug')).toHaveLength(2);
});

it('any other error is said aloud each time, during an outage too', () => {
  const { log, lines } = logWithLines();
  const error = new Error('a fault');
  log.log({ error: new StoreUnavailableError('Redis does not answer'), during: 'claiming uploads' });
  log.log({ error, during: 'a listener' });
  log.log({ error, during: 'a listener' });
  const err = expect.objectContaining({ message: 'a fault' });
  expect(lines.slice(1)).toEqual([
    { level: 'error', facts: { err }, message: 'error during a listener' },
    { level: 'error', facts: { err }, message: 'error during a listener' },
  ]);
});
