import type { Dispatcher } from 'undici';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { HttpExchange } from '../../src/http-source/http-exchange.ts';
import { SourceClock } from '../../src/http-source/source-clock.ts';

/** undici's side of a request: counts what it is told. */
function controllerOf(): {
  controller: Dispatcher.DispatchController;
  pauses: () => number;
  resumes: () => number;
} {
  let [pauses, resumes] = [0, 0];
  const controller: Dispatcher.DispatchController = {
    aborted: false,
    paused: false,
    reason: null,
    abort: () => {},
    pause: () => {
      pauses += 1;
    },
    resume: () => {
      resumes += 1;
    },
  };
  return { controller, pauses: () => pauses, resumes: () => resumes };
}

function answering(
  clock: SourceClock = new SourceClock(1_000),
): ReturnType<typeof controllerOf> & { exchange: HttpExchange } {
  const exchange = new HttpExchange({
    clock,
    headersTimeoutMs: 1_000,
    idleTimeoutMs: 1_000,
    onOver: () => {},
  });
  const undici = controllerOf();
  exchange.onRequestStart(undici.controller);
  exchange.onResponseStart(undici.controller, 200, {});
  return { exchange, ...undici };
}

describe('an exchange lets the source pause', () => {
  test('when many bytes wait to be read, and go on when few do', async () => {
    const { exchange, controller, pauses, resumes } = answering();
    exchange.onResponseData(controller, Buffer.alloc(65_535));
    expect(pauses()).toBe(0);
    exchange.onResponseData(controller, Buffer.alloc(65_536));
    expect(pauses()).toBe(1);
    await exchange.read();
    expect(resumes()).toBe(0);
    await exchange.read();
    expect(resumes()).toBe(1);
  });

  test('when many chunks wait to be read, however small', () => {
    const { exchange, controller, pauses } = answering();
    for (let count = 1; count < 128; count += 1) exchange.onResponseData(controller, Buffer.alloc(1));
    expect(pauses()).toBe(0);
    exchange.onResponseData(controller, Buffer.alloc(1));
    expect(pauses()).toBe(1);
  });
});

test('an exchange is as patient as its body came fast, however long that goes on', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const clock = new SourceClock(1e6);
  const { exchange, controller } = answering(clock);
  clock.demand(1_000, 500);
  for (let count = 0; count < 20; count += 1) {
    const read = exchange.read();
    vi.advanceTimersByTime(400);
    exchange.onResponseData(controller, Buffer.alloc(400));
    expect(await read).toHaveLength(400);
  }
  const read = exchange.read();
  vi.advanceTimersByTime(500);
  await expect(read).rejects.toMatchObject({ code: 'source_timeout' });
});
